/** One replica of an engine as the simulation runs it: its steps, its room, its rules. */
import type { EngineSteps } from "./engine-steps.ts";
import type { SchedulingPolicy } from "./serving-constants.ts";

export interface ReplicaModel {
  readonly steps: EngineSteps;
  readonly policy: SchedulingPolicy;
  /** Requests that may be in the engine at once, computed prompts and decoding together. */
  readonly maxSequences: number;
  /** Room for caches, over all devices that hold different requests. */
  readonly cacheCapacityBytes: number;
  /** What a request's cache takes at so many rows, in whole pages; does not fall as rows grow. */
  requestBytes(rows: number): number;
  /** Share of each prompt that is found computed in the cache: it takes room and is attended to, nothing of it is computed again. */
  readonly cachedPromptShare: number;
  /** From the client to the engine's queue and back: part of the first token's time and of nothing else. */
  readonly requestSeconds: number;
}
