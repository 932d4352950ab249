/** FLOPs and bytes of one step without a machine: the library's shortest way to an answer. */
import type { Model } from "../architecture/model.ts";
import { countStep } from "../step/count-step.ts";
import { type Footprint, footprintOf, planFootprint } from "../step/footprint.ts";
import { type OperationCounts, operationCounts, type StepTotals, stepTotals } from "../step/step-counts.ts";
import { defaultStepOptions, type StepOptions, type StepWorkload } from "../step/step-options.ts";
import { planStep } from "../step/step-plan.ts";

export interface StepCounts {
  readonly totals: StepTotals;
  /** FLOPs a byte. */
  readonly arithmeticIntensity: number;
  readonly footprint: Footprint;
  /** In the order in which they run; they add up to the totals. */
  readonly operations: readonly OperationCounts[];
}

/**
 * Counts one decode step (or, with phase "prefill", a prefill).
 * @param workload batch and context, and where wanted queryTokens, beams and sourceContext
 * @param options formats, kernels and parallelism; bf16 on one device unless given
 * @throws InvalidInput for a workload or options that don't go with the model
 * @example countDecodeStep(llama2_7b, { batch: 1, context: 512 }).totals.kvBytes is 513 × 524_288 = 268_959_744
 */
export function countDecodeStep(model: Model, workload: StepWorkload, options: Partial<StepOptions> = {}): StepCounts {
  const plan = planStep(model, { ...defaultStepOptions, ...options });
  const tape = countStep(plan, workload);
  const totals = stepTotals(tape);
  return {
    totals,
    arithmeticIntensity: totals.flops / totals.bytes,
    footprint: footprintOf(planFootprint(plan), workload),
    operations: plan.operations.map((_, i) => operationCounts(tape, i)),
  };
}
