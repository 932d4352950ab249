/**
 * Whether predictions are as near to the clock as they must be:
 *   steps        of whole steps that no fit saw: median error at most 8 %, largest at most 20 %; and the fit explains what the
 *                plain roofline does not: its median error is at most three quarters of the roofline's
 *   kernels      of kernels that were held out of the fit: median error at most 10 %
 *   MQA over MHA predicted speed-up within 10 % (attention calls) and 8 % (whole steps) of the measured one: median of the pairs;
 *                the largest stands beside it, without a limit
 * A claim without rows is not judged; then not all is met.
 */
import { median } from "../quantity/sample-statistics.ts";
import type { MqaSpeedup } from "./mqa-speedup.ts";
import type { Validation } from "./validate.ts";

export interface VerdictLine {
  readonly claim: string;
  /** Per cent; null where there are no rows to judge it by. */
  readonly value: number | null;
  /** The largest error where the value is a median that stands for few rows; else null. */
  readonly largest: number | null;
  readonly limit: number;
  /** Null where it is not judged. */
  readonly passed: boolean | null;
}

export const verdictLimits = {
  stepsMedianPercent: 8,
  stepsMaxPercent: 20,
  stepsOfRooflinePercent: 75,
  kernelsMedianPercent: 10,
  kernelSpeedupPercent: 10,
  stepSpeedupPercent: 8,
} as const;

export interface JudgedRows {
  readonly kernels: { readonly calibrated: Validation };
  readonly steps: { readonly calibrated: Validation; readonly roofline: Validation };
  readonly kernelSpeedups: readonly MqaSpeedup[];
  readonly stepSpeedups: readonly MqaSpeedup[];
}

export function verdictOf({ kernels, steps, kernelSpeedups, stepSpeedups }: JudgedRows): VerdictLine[] {
  const line = (claim: string, value: number | undefined, limit: number, largest: number | null = null): VerdictLine =>
    value === undefined
      ? { claim, value: null, largest: null, limit, passed: null }
      : { claim, value, largest, limit, passed: value <= limit };
  const speedups = (what: string, pairs: readonly MqaSpeedup[], limit: number): VerdictLine => {
    const off = pairs.map((pair) => Math.abs(pair.errorPercent));
    const claim = `speed-up of MQA over MHA, ${what}, median error`;
    return off.length === 0 ? line(claim, undefined, limit) : line(claim, median(off), limit, Math.max(...off));
  };
  const ofSteps = steps.calibrated.kinds.steps;
  const { stepsMedianPercent, stepsMaxPercent, stepsOfRooflinePercent, kernelsMedianPercent } = verdictLimits;
  return [
    line("whole steps, median error", ofSteps?.medianAbsolutePercentageError, stepsMedianPercent),
    line("whole steps, largest error", ofSteps?.maxAbsolutePercentageError, stepsMaxPercent),
    line("whole steps, median error as a share of the roofline's", shareOfRoofline(steps), stepsOfRooflinePercent),
    ...(["attention", "linear"] as const).map((kind) =>
      line(
        `held-out ${kind} kernels, median error`,
        kernels.calibrated.kinds[kind]?.medianAbsolutePercentageError,
        kernelsMedianPercent,
      ),
    ),
    speedups("attention calls", kernelSpeedups, verdictLimits.kernelSpeedupPercent),
    speedups("whole steps", stepSpeedups, verdictLimits.stepSpeedupPercent),
  ];
}

/** 100 × the calibrated median error of whole steps / the roofline's. */
export function shareOfRoofline({ calibrated, roofline }: JudgedRows["steps"]): number | undefined {
  const [fitted, bound] = [calibrated.kinds.steps, roofline.kinds.steps];
  if (fitted === undefined || bound === undefined || bound.medianAbsolutePercentageError === 0) return undefined;
  return (100 * fitted.medianAbsolutePercentageError) / bound.medianAbsolutePercentageError;
}

/** Every claim was judged and met. */
export function allMet(verdict: readonly VerdictLine[]): boolean {
  return verdict.every((line) => line.passed === true);
}
