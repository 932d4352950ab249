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
    policy: { prefill: "mixed", stepTokens: 8192, reservedShare: 0.5, admittedShare: 0 },
    cacheFormat: "16 bits",
    constants: {
      memoryEfficiency: 1,
      computeEfficiency: 0.834,
      linkEfficiency: 0.933,
      layerSeconds: 4.41e-5,
      stepSeconds: 1.11e-3,
      sequenceSeconds: 3.94e-5,
      waitPrompts: 2.76,
      requestSeconds: 0.0232,
      memoryShare: 0.821,
    },
    source: `Qwen3-32B in bf16 on 2 to 8 GPUs: ${runs}`,
  },
  "trt-llm": {
    id: "trt-llm",
    versions: "1.0.0rc3",
    policy: { prefill: "mixed", stepTokens: 8192, reservedShare: 1, admittedShare: 1 },
    cacheFormat: "weights",
    constants: {
      memoryEfficiency: 1,
      computeEfficiency: 0.766,
      linkEfficiency: 0.774,
      layerSeconds: 3.74e-5,
      stepSeconds: 1.04e-3,
      sequenceSeconds: 7.1e-6,
      waitPrompts: 2.95,
      requestSeconds: 0.0096,
      memoryShare: 0.839,
    },
    source: `Qwen3-32B in fp8 on 1 and 2 GPUs: ${runs}`,
  },
  sglang: {
    id: "sglang",
    versions: "0.5.1.post1, 0.5.8.post1",
    policy: { prefill: "first", stepTokens: 8192, reservedShare: 0.75, admittedShare: 0.7 },
    cacheFormat: "16 bits",
    constants: {
      memoryEfficiency: 1,
      computeEfficiency: 0.916,
      linkEfficiency: 0.742,
      layerSeconds: 3.67e-5,
      stepSeconds: 1.03e-3,
      sequenceSeconds: 2.38e-5,
      waitPrompts: 2.5,
      requestSeconds: 0.0086,
      memoryShare: 0.792,
    },
    source: `Qwen3-32B in bf16 on 1 and 2 GPUs: ${runs}`,
  },
};
