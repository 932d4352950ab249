/** The execution profiles that ship, by id. Constants that were fitted name what they were fitted on. */
import type { EngineConstants, EngineId, ExecutionProfile } from "./execution-profile.ts";

const nothing: EngineConstants = { stepSeconds: 0, sequenceSeconds: 0, layerSeconds: 0, launchSeconds: 0 };

/** Residual additions run inside the norm that follows them. */
const residualInNorm = { residual: "the norm that follows" };

/** Whole runs, fitted beside vLLM 0.24's kernels with their start-ups (validation/fit-serving.ts). */
const servingRuns = "ai-dynamo/aiconfigurator@095f58a, systems/silicon_sample.csv, H100 SXM";

/** Kernels that vLLM's tables name, and those that serving engines like it run in their place. */
const ofVllm: ExecutionProfile["kernels"] = {
  "quantized-linear": ["CutlassFP8ScaledMMLinearKernel"],
  collective: ["vLLM_custom_graph", "NCCL"],
};

export const executionProfiles: Readonly<Record<EngineId, ExecutionProfile>> = {
  ideal: {
    id: "ideal",
    name: "an engine that adds nothing",
    launch: "ideal",
    kernelsOf: ["pytorch-graph", "vllm"],
    kernels: { "decode-attention": ["triton"] },
    fused: residualInNorm,
    constants: nothing,
    source: null,
  },
  "pytorch-graph": {
    id: "pytorch-graph",
    name: "PyTorch with CUDA graphs, small kernels fused by torch.compile",
    launch: "graph",
    kernelsOf: ["pytorch-graph", "vllm"],
    kernels: { "decode-attention": ["triton"] },
    fused: residualInNorm,
    constants: nothing,
    source: null,
  },
  "pytorch-eager": {
    id: "pytorch-eager",
    name: "PyTorch, each kernel launched by the processor",
    launch: "eager",
    kernelsOf: ["pytorch-graph", "vllm"],
    kernels: { "decode-attention": ["sdpa_flash", "triton"] },
    fused: {},
    constants: { ...nothing, launchSeconds: 11.1e-6 },
    source: "eager_launch_s of measurements/H100/ceilings.json: PyTorch 2.11 on an H100's host, 2026",
  },
  vllm: {
    id: "vllm",
    name: "vLLM with CUDA graphs",
    launch: "graph",
    kernelsOf: ["vllm", "pytorch-graph"],
    kernels: ofVllm,
    fused: residualInNorm,
    constants: { ...nothing, stepSeconds: 4e-4, sequenceSeconds: 3.8e-5, layerSeconds: 9.1e-6 },
    source: `vLLM 0.12.0, Qwen3-32B in bf16 on 2 to 8 GPUs: ${servingRuns}`,
  },
  "trt-llm": {
    id: "trt-llm",
    name: "TensorRT-LLM",
    onlyOn: "NVIDIA",
    launch: "graph",
    kernelsOf: ["trt-llm", "vllm", "pytorch-graph"],
    kernels: ofVllm,
    fused: residualInNorm,
    constants: { ...nothing, stepSeconds: 1.5e-4, sequenceSeconds: 4.9e-6, layerSeconds: 2.9e-6 },
    source: `TensorRT-LLM 1.0.0rc3, Qwen3-32B in fp8 on 1 and 2 GPUs: ${servingRuns}`,
  },
  sglang: {
    id: "sglang",
    name: "SGLang with CUDA graphs",
    launch: "graph",
    kernelsOf: ["sglang", "vllm", "pytorch-graph"],
    kernels: ofVllm,
    fused: residualInNorm,
    constants: { ...nothing, stepSeconds: 3.8e-4, sequenceSeconds: 1.5e-5, layerSeconds: 8.4e-6 },
    source: `SGLang 0.5.1, Qwen3-32B in bf16 on 1 and 2 GPUs: ${servingRuns}`,
  },
  "llama.cpp": {
    id: "llama.cpp",
    name: "llama.cpp",
    launch: "graph",
    kernelsOf: ["llama.cpp"],
    kernels: {},
    fused: residualInNorm,
    constants: nothing,
    source: null,
  },
};
