/**
 * What was fitted on one machine and one software: a kernel form's parameters by kind of work, kernel and number format, each
 * with the error that its cross-validation showed. Written by `ridgepoint calibrate`, read wherever a time is calibrated.
 */
import type { EngineId } from "./execution-profile.ts";
import type { FittedEngine } from "./fitted-engine.ts";
import type { FittedMachine } from "./kernel-machine.ts";
import type { KernelRegime } from "./kernel-regime.ts";
import type { FormKind } from "./operation-call.ts";

/**
 * How far predictions of calls that the fit did not see are off: σ(t) = √(relative² + (seconds / t)²) of the predicted time t, and
 * 90 % of them between t (1 + low σ) and t (1 + high σ). Found by validation/error-spreads.ts.
 */
export interface ErrorSpread {
  readonly regime: KernelRegime;
  readonly relative: number;
  readonly seconds: number;
  /** At most 0. */
  readonly low: number;
  /** At least 0. */
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
  /** One a regime. */
  readonly spreads: readonly ErrorSpread[];
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
  readonly vendor: string;
  /** Whose kernels they are. */
  readonly engine: EngineId;
  readonly kernels: readonly FittedKernel[];
  /** Constants of whole engines that were fitted beside them. */
  readonly engines?: readonly FittedEngine[];
  /** Of fits that were read from a file or ship. */
  readonly origin?: CalibrationOrigin;
}

/** What a fit was made of, for whoever holds it against measurements. */
export interface CalibrationOrigin {
  readonly tables: readonly { readonly name: string; readonly sha256: string }[];
  /** Errors of rows that no fit saw, by family of kernels, and of the steps of models left out. */
  readonly heldOut: readonly HeldOutError[];
}

export interface HeldOutError {
  /** Such as "linear, default, bf16". */
  readonly what: string;
  readonly rows: number;
  readonly medianPercent: number;
  readonly maxPercent: number;
}

/** A kernel for an operation, and what was compromised in choosing it. */
export interface ChosenKernel {
  readonly fitted: FittedKernel;
  /** Null where the kernel was measured in the format asked for. */
  readonly note: string | null;
}

/** Work that only moves bytes, whatever they hold. */
const movers: ReadonlySet<FormKind> = new Set(["small-kernel", "collective"]);

/** 16 bits are moved and multiplied alike. */
function sameWidth(format: string): string {
  return format === "fp16" ? "bf16" : format;
}

/** Whether a name begins with one of the others, or one of them with it: versions of one kernel. */
function isKin(kernel: string, others: readonly string[]): boolean {
  return others.some((other) => kernel.startsWith(other) || other.startsWith(kernel));
}

/**
 * The kernel that stands for work of a kind in a format: of the preferred kernels, in their order, then of the others, one of the
 * format before one of another: its shares of the ceilings hold there too, with the bytes and the peak of the format asked for.
 */
export function chooseKernel(
  calibration: Calibration,
  kind: FormKind,
  format: string,
  preferred: readonly string[],
): ChosenKernel | null {
  const wanted = sameWidth(format);
  const rank = (each: FittedKernel): number => {
    const place = preferred.indexOf(each.kernel);
    const mismatch = sameWidth(each.format) === wanted ? 0 : sameWidth(each.format) === "bf16" ? 0.25 : 0.5;
    return (place >= 0 ? place : preferred.length + (isKin(each.kernel, preferred) ? 0 : 1)) + mismatch;
  };
  const ofKind = calibration.kernels.filter((each) => each.kind === kind);
  const fitted = ofKind.reduce<FittedKernel | null>(
    (best, each) => (best === null || rank(each) < rank(best) ? each : best),
    null,
  );
  if (fitted === null) return null;
  const named = preferred.length > 0 && !preferred.includes(fitted.kernel);
  const other = sameWidth(fitted.format) !== wanted && !movers.has(kind);
  if (!named && !other) return { fitted, note: null };
  const lacking = [named ? `by ${preferred.join(" or ")}` : null, other ? `in ${format}` : null]
    .filter(Boolean)
    .join(" ");
  const stands = `${fitted.kernel} in ${fitted.format}`;
  return {
    fitted,
    note: `no ${kind} kernel was measured ${lacking}: the shares of the ceilings of ${stands} stand in`,
  };
}
