/**
 * Where the bytes of a step come from, for a machine whose caches have bandwidths of their own.
 *   all bytes     a step reads everything once and the next step reads it all again, so a cache helps only where it holds all
 *                 that one device reads and writes in a step: the innermost level that does gives the bandwidth, else memory.
 *                 Of a mixture all experts count: the next token picks others. Of pipeline stages the largest counts
 *   activations   what one kernel writes and the next reads at once is still in the cache that the cores share (the outermost),
 *                 where an operation's own reads and writes fit there, even when the weights come from memory; only on a
 *                 measured machine: a datasheet's roofline stays the plain one, each byte at the step's bandwidth
 * docs/ceilings.md says why.
 */
import type { Hardware } from "../hardware/hardware.ts";
import { levelHolding, type MemoryLevel, memoryLevels } from "../hardware/memory-levels.ts";
import { type MixtureOfExpertsShape, mixtureOfExperts } from "../operations/mixture-of-experts.ts";
import { emptyCounts } from "../operations/operation.ts";
import type { StepTape } from "../step/count-step.ts";
import { pipelineStages } from "../step/pipeline-stages.ts";
import { type PlannedOperation, plannedOperation } from "../step/planned-operation.ts";
import type { StepPlan } from "../step/step-plan.ts";

export interface StepMemory {
  /** The level that a counted step lives in. */
  levelOf(tape: StepTape): MemoryLevel;
  /** What a cache must hold for that: bytes of the largest stage, all experts among them. */
  heldBytes(tape: StepTape): number;
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
  const memory = levels[levels.length - 1]!;
  // Stages are planned only where a cache asks for them.
  let held: ((tape: StepTape) => number) | null = null;
  const heldBytes = (tape: StepTape): number => {
    held ??= heldBytesOf(plan);
    return held(tape);
  };
  return {
    activations: shared,
    heldBytes,
    levelOf: (tape) => (levels.length === 1 ? memory : levelHolding(levels, heldBytes(tape))),
    activationWeight(level, activationBytes, instances) {
      if (shared === null || level.isCache || activationBytes > shared.bytes * instances) return 1;
      return shared.secondsPerByte / level.secondsPerByte;
    },
  };
}

function heldBytesOf(plan: StepPlan): (tape: StepTape) => number {
  const stages = pipelineStages(plan);
  if (stages.length === 1 && !plan.operations.some(isMixture)) {
    return ({ totals: t }) => t.weightBytes + t.kvBytes + t.activationBytes;
  }
  const resident = stages.map((operations) => operations.map(withAllExperts));
  const counts = emptyCounts();
  return ({ point, encoderPoint }) => {
    let largest = 0;
    for (const operations of resident) {
      let bytes = 0;
      for (const { definition, shape, encoder, instances } of operations) {
        definition.count(shape, encoder ? encoderPoint : point, counts);
        bytes += instances * (counts.weightBytes + counts.kvBytes + counts.activationBytes);
      }
      largest = Math.max(largest, bytes);
    }
    return largest;
  };
}

function isMixture({ definition }: PlannedOperation): boolean {
  return definition.kind === mixtureOfExperts.kind;
}

function withAllExperts(operation: PlannedOperation): PlannedOperation {
  if (!isMixture(operation)) return operation;
  const { name, shape, computeFormat, instances, encoder } = operation;
  const all: MixtureOfExpertsShape = { ...(shape as unknown as MixtureOfExpertsShape), touched: "all" };
  return plannedOperation(name, mixtureOfExperts, all, computeFormat, instances, encoder);
}
