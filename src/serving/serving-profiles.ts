/**
 * Serving engines that ship: how each schedules, by its documentation, and its constants, fitted on runs (source).
 * What a step alone shows of them stands in the execution profile of the same id (timing/engines.ts), too.
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
      computeEfficiency: 0.8,
      linkEfficiency: 1,
      layerSeconds: 8e-6,
      stepSeconds: 4e-4,
      sequenceSeconds: 3.9e-5,
      waitPrompts: 2.7,
      requestSeconds: 0.028,
      memoryShare: 0.82,
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
      computeEfficiency: 0.8,
      linkEfficiency: 0.7,
      layerSeconds: 4e-6,
      stepSeconds: 1e-4,
      sequenceSeconds: 5e-6,
      waitPrompts: 2.9,
      requestSeconds: 0.011,
      memoryShare: 0.84,
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
      computeEfficiency: 0.87,
      linkEfficiency: 1,
      layerSeconds: 4.5e-6,
      stepSeconds: 2.5e-4,
      sequenceSeconds: 2e-5,
      waitPrompts: 2.5,
      requestSeconds: 1e-4,
      memoryShare: 0.79,
    },
    source: `Qwen3-32B in bf16 on 1 and 2 GPUs: ${runs}`,
  },
};
