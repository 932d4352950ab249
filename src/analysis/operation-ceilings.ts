/** The seconds that each operation's bytes, FLOPs and link bytes would need by themselves; the roofline takes the largest. */
import { computePeak } from "../hardware/compute-peak.ts";
import type { Hardware } from "../hardware/hardware.ts";
import type { MemoryLevel } from "../hardware/memory-levels.ts";
import type { Counts } from "../operations/operation.ts";
import { countStep } from "../step/count-step.ts";
import type { PlannedOperation } from "../step/planned-operation.ts";
import type { StepWorkload } from "../step/step-options.ts";
import type { StepPlan } from "../step/step-plan.ts";
import { type StepMemory, stepMemory } from "../timing/step-memory.ts";
import type { StepPredictor } from "./predict-step.ts";

export interface OperationCeilings {
  readonly memorySeconds: number;
  readonly computeSeconds: number;
  readonly linkSeconds: number;
}

/** Rates of a machine for each operation of a plan. */
export interface CeilingRates {
  readonly memory: StepMemory;
  /** One an operation: the peak of its number format. */
  readonly flopsPerSecond: readonly number[];
  /** Null where the machine has no link. */
  readonly linkBytesPerSecond: number | null;
}

/** @throws InvalidInput where a format has no peak on the machine */
export function ceilingRates(plan: StepPlan, hardware: Hardware): CeilingRates {
  return {
    memory: stepMemory(hardware, plan),
    flopsPerSecond: plan.operations.map((operation) => computePeak(hardware, operation.computeFormat).flopsPerSecond),
    linkBytesPerSecond: hardware.link?.bytesPerSecond ?? null,
  };
}

/** Counts one workload on the predictor's tape and returns each operation's ceilings, in the plan's order. */
export function operationCeilings(
  predictor: StepPredictor,
  workload: StepWorkload,
  rates: CeilingRates = ceilingRates(predictor.plan, predictor.hardware),
): OperationCeilings[] {
  const tape = countStep(predictor.plan, workload, predictor.tape);
  const level = rates.memory.levelOf(tape);
  return tape.counts.map((c, i) => ({
    memorySeconds: memoryBytes(rates, level, predictor.plan.operations[i]!, c) / level.bytesPerSecond,
    computeSeconds: c.flops / rates.flopsPerSecond[i]!,
    linkSeconds: rates.linkBytesPerSecond === null ? 0 : c.linkBytes / rates.linkBytesPerSecond,
  }));
}

function memoryBytes(rates: CeilingRates, level: MemoryLevel, operation: PlannedOperation, c: Counts): number {
  const activations = c.activationBytes * rates.memory.activationWeight(level, c.activationBytes, operation.instances);
  return c.weightBytes + c.kvBytes + activations;
}
