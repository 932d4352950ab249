/**
 * Serving engines that ship: how each schedules, by its documentation, and its constants, fitted on runs (source).
 * They go with kernels at the pace that they keep once they run, without start-ups (timing/choose-timing.ts: kernelTiming), of
 * vLLM 0.24 on an H100: layerSeconds holds a layer's start-ups, stepSeconds the host's gap.
 */
import type { EngineId } from "../timing/execution-profile.ts";
import type { ServingEngine } from "./steady-state.ts";

export interface ServingProfile extends ServingEngine {
  readonly id: EngineId;
  readonly versions: string;
  /** Format of keys and values where nobody asks for one: "weights" is fp8 for fp8 weights, else 16 bits. */
  readonly cacheFormat: "16 bits" | "weights";
  readonly source: string;
}

const runs = "ai-dynamo/aiconfigurator@095f58a, systems/silicon_sample.csv, H100 SXM";

export const servingProfiles: Readonly<Record<"vllm" | "trt-llm" | "sglang", ServingProfile>> = {
  vllm: {
    id: "vllm",
    versions: "0.12.0",
    policy: { prefill: "mixed", stepTokens: 8192, reservedShare: 0.5 },
    cacheFormat: "16 bits",
    constants: {
      memoryEfficiency: 1,
      computeEfficiency: 0.833,
      linkEfficiency: 0.941,
      layerSeconds: 4.39e-5,
      stepSeconds: 1.11e-3,
      sequenceSeconds: 3.95e-5,
      waitPrompts: 2.76,
      requestSeconds: 0.023,
      memoryShare: 0.821,
    },
    source: `Qwen3-32B in bf16 on 2 to 8 GPUs: ${runs}`,
  },
  "trt-llm": {
    id: "trt-llm",
    versions: "1.0.0rc3",
    policy: { prefill: "mixed", stepTokens: 8192, reservedShare: 1 },
    cacheFormat: "weights",
    constants: {
      memoryEfficiency: 1,
      computeEfficiency: 0.823,
      linkEfficiency: 0.736,
      layerSeconds: 3.76e-5,
      stepSeconds: 1.04e-3,
      sequenceSeconds: 6.6e-6,
      waitPrompts: 2.96,
      requestSeconds: 0.0097,
      memoryShare: 0.839,
    },
    source: `Qwen3-32B in fp8 on 1 and 2 GPUs: ${runs}`,
  },
  sglang: {
    id: "sglang",
    versions: "0.5.1.post1, 0.5.8.post1",
    policy: { prefill: "first", stepTokens: 8192, reservedShare: 0.75 },
    cacheFormat: "16 bits",
    constants: {
      memoryEfficiency: 1,
      computeEfficiency: 0.916,
      linkEfficiency: 0.737,
      layerSeconds: 3.69e-5,
      stepSeconds: 1.04e-3,
      sequenceSeconds: 2.28e-5,
      waitPrompts: 2.5,
      requestSeconds: 0.0086,
      memoryShare: 0.792,
    },
    source: `Qwen3-32B in bf16 on 1 and 2 GPUs: ${runs}`,
  },
};
