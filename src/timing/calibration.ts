/**
 * What was fitted on one machine and one software: a kernel form's parameters by kind of work, kernel and number format, each
 * with the error that its cross-validation showed. Written by `ridgepoint calibrate`, read wherever a time is calibrated.
 */
import type { EngineId } from "./execution-profile.ts";
import type { FittedMachine } from "./kernel-machine.ts";
import type { FormKind } from "./operation-call.ts";

/** Where the logarithm of measured / predicted lies for 90 % of the rows that a fit did not see, of predictions up to a time. */
export interface ErrorBand {
  /** Upper edge of the band in predicted seconds; the last one's is Infinity, null in files. */
  readonly upToSeconds: number;
  /** ln(measured / predicted) at 5 % and at 95 %, with the finite-sample correction of split conformal prediction. */
  readonly low: number;
  readonly high: number;
  readonly rows: number;
}

export interface FittedKernel {
  readonly kind: FormKind;
  /** Whose kernel: "triton", "torch", "vllm_flash_attn_fa3". */
  readonly kernel: string;
  /** Number format that it was measured in. */
  readonly format: string;
  /** In the order of the form's parameters. */
  readonly parameters: readonly number[];
  /** Ascending by upToSeconds. */
  readonly bands: readonly ErrorBand[];
  /** Correlation of the residuals of different shapes at one workload: 0 independent, 1 all off by the same factor. */
  readonly correlation: number;
  /** Predicted seconds that the fitted rows span, beyond which a prediction extrapolates. */
  readonly shortestSeconds: number;
  readonly longestSeconds: number;
}

export interface Calibration extends FittedMachine {
  /** Such as "h100-sxm-pytorch". */
  readonly id: string;
  /** The profile of the machine that was measured. */
  readonly hardware: string;
  /** Whose kernels they are. */
  readonly engine: EngineId;
  readonly kernels: readonly FittedKernel[];
}

/** A kernel for an operation, and what was compromised in choosing it. */
export interface ChosenKernel {
  readonly fitted: FittedKernel;
  /** Null where the kernel was measured in the format asked for. */
  readonly note: string | null;
}

/**
 * The kernel that stands for work of a kind in a format: of the preferred kernels, in their order, the one of the format, else
 * the first in the nearest format: its shares of the ceilings hold there too, with the bytes and the peak of the format asked for.
 */
export function chooseKernel(
  calibration: Calibration,
  kind: FormKind,
  format: string,
  preferred: readonly string[],
): ChosenKernel | null {
  const ofKind = calibration.kernels.filter((each) => each.kind === kind);
  const rank = (each: FittedKernel): number => {
    const place = preferred.indexOf(each.kernel);
    return (place < 0 ? preferred.length : place) + (each.format === format ? 0 : 0.5);
  };
  const sorted = [...ofKind].sort((a, b) => rank(a) - rank(b));
  const exact = sorted.find((each) => each.format === format);
  const fitted = exact ?? sorted.find((each) => each.format === "bf16") ?? sorted[0];
  if (fitted === undefined) return null;
  const note =
    fitted.format === format
      ? null
      : `no ${kind} kernel was measured in ${format}: ${fitted.kernel}'s shares of the ceilings in ${fitted.format} stand in`;
  return { fitted, note };
}
