/**
 * What a serving engine keeps of a device's memory, for whoever asks only what fits: no timing is wanted, so every engine answers on
 * every machine. Unless one is named, the engine is vLLM, on Apple's machines llama.cpp.
 */
import type { Hardware } from "../hardware/hardware.ts";
import { InvalidInput } from "../quantity/invalid-input.ts";
import { executionProfiles } from "../timing/engines.ts";
import type { EngineId } from "../timing/execution-profile.ts";
import { type EngineMemory, engineMemories } from "./engine-memory.ts";
import { llamaPolicy } from "./llama-policy.ts";
import { type ServingProfile, servingProfiles } from "./serving-profiles.ts";

export interface KeptMemory {
  readonly id: keyof typeof engineMemories;
  readonly name: string;
  readonly memory: EngineMemory;
  /** Prompt tokens that a step computes at most. */
  readonly stepTokens: number;
  readonly cacheFormat: ServingProfile["cacheFormat"];
  readonly notes: readonly string[];
}

/** @throws InvalidInput for software that serves nobody (pytorch-graph …) */
export function keptMemory(engine: EngineId | null, hardware: Hardware): KeptMemory {
  const id = engine ?? (hardware.vendor === "Apple" ? "llama.cpp" : "vllm");
  if (id === "pytorch-graph" || id === "pytorch-eager") {
    throw new InvalidInput("engine", id, "wants software that serves: vllm, trt-llm, sglang, llama.cpp or ideal");
  }
  const { name, onlyOn = hardware.vendor } = executionProfiles[id];
  const serving = id === "ideal" || id === "llama.cpp" ? null : servingProfiles[id];
  return {
    ...{ id, name, memory: engineMemories[id] },
    stepTokens: (serving?.policy ?? llamaPolicy).stepTokens,
    cacheFormat: serving?.cacheFormat ?? "16 bits",
    notes:
      onlyOn === hardware.vendor
        ? []
        : [`${name} runs on machines of ${onlyOn} alone: this is memory as if it ran on ${hardware.vendor}'s`],
  };
}
