/**
 * Where the bytes of a step come from, for a machine whose caches have bandwidths of their own.
 *   all bytes     a step reads everything once and the next step reads it all again, so a cache helps only where it holds all
 *                 that one device moves in a step: the innermost level that does gives the bandwidth, else memory
 *   activations   what one kernel writes and the next reads at once is still in the cache that the cores share (the outermost),
 *                 where an operation's own reads and writes fit there, even when the weights come from memory; only on a
 *                 measured machine: a datasheet's roofline stays the plain one, each byte at the step's bandwidth
 * docs/ceilings.md says why.
 */
import type { Hardware } from "../hardware/hardware.ts";
import { levelHolding, type MemoryLevel, memoryLevels } from "../hardware/memory-levels.ts";
import type { Counts } from "../operations/operation.ts";
import type { StepPlan } from "../step/step-plan.ts";

export interface StepMemory {
  /** The level that a step of these totals lives in. */
  levelOf(totals: Counts): MemoryLevel;
  /**
   * How many of the level's bytes an activation byte of an operation is worth: 1, or less where a faster cache holds the
   * activations of each of its instances.
   */
  activationWeight(level: MemoryLevel, activationBytes: number, instances: number): number;
  /** The cache that activations pass through; null where they come from where the rest comes from. */
  readonly activations: MemoryLevel | null;
}

export function stepMemory(hardware: Hardware, plan: StepPlan): StepMemory {
  const levels = memoryLevels(hardware);
  const shared = levels.length > 1 && hardware.basis === "measured" ? levels[levels.length - 2]! : null;
  const stages = plan.options.parallelism.pipeline;
  return {
    activations: shared,
    // The totals add the stages up, each of which is a device with caches of its own.
    levelOf: (t) => levelHolding(levels, (t.weightBytes + t.kvBytes + t.activationBytes) / stages),
    activationWeight(level, activationBytes, instances) {
      if (shared === null || level.isCache || activationBytes > shared.bytes * instances) return 1;
      return shared.secondsPerByte / level.secondsPerByte;
    },
  };
}
