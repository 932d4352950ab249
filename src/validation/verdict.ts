/**
 * Whether predictions are as near to the clock as they must be:
 *   steps        of whole steps that no fit saw: median error at most 8 %, largest at most 20 %
 *   kernels      of kernels that were held out of the fit: median error at most 10 %
 *   MQA over MHA predicted speed-up within 10 % (attention calls) and 8 % (whole steps) of the measured one: median of the pairs
 */
import { median } from "../quantity/sample-statistics.ts";
import type { MqaSpeedup } from "./mqa-speedup.ts";
import type { Validation } from "./validate.ts";

export interface VerdictLine {
  readonly claim: string;
  /** Per cent. */
  readonly value: number;
  readonly limit: number;
  readonly passed: boolean;
}

export const verdictLimits = {
  stepsMedianPercent: 8,
  stepsMaxPercent: 20,
  kernelsMedianPercent: 10,
  kernelSpeedupPercent: 10,
  stepSpeedupPercent: 8,
} as const;

/** A line for each claim that there are rows for. */
export function verdictOf(
  kernels: Validation | null,
  steps: Validation | null,
  kernelSpeedups: readonly MqaSpeedup[],
  stepSpeedups: readonly MqaSpeedup[],
): VerdictLine[] {
  const lines: VerdictLine[] = [];
  const judge = (claim: string, value: number, limit: number): void => {
    lines.push({ claim, value, limit, passed: value <= limit });
  };
  const ofSteps = steps?.kinds.steps;
  if (ofSteps !== undefined) {
    judge("whole steps, median error", ofSteps.medianAbsolutePercentageError, verdictLimits.stepsMedianPercent);
    judge("whole steps, largest error", ofSteps.maxAbsolutePercentageError, verdictLimits.stepsMaxPercent);
  }
  for (const kind of ["attention", "linear"] as const) {
    const result = kernels?.kinds[kind];
    if (result === undefined) continue;
    judge(
      `held-out ${kind} kernels, median error`,
      result.medianAbsolutePercentageError,
      verdictLimits.kernelsMedianPercent,
    );
  }
  for (const [what, pairs, limit] of [
    ["attention calls", kernelSpeedups, verdictLimits.kernelSpeedupPercent],
    ["whole steps", stepSpeedups, verdictLimits.stepSpeedupPercent],
  ] as const) {
    if (pairs.length === 0) continue;
    const off = median(pairs.map((pair) => Math.abs(pair.errorPercent)));
    judge(`speed-up of MQA over MHA, ${what}, median error`, off, limit);
  }
  return lines;
}
