/** A validation of this machine in the fields of `validate --here --json` (docs/json-output.md). */
import { type MeasuredKind, measuredKinds } from "../measurement/measurement-row.ts";
import { describeRow } from "../validation/describe-row.ts";
import type { ErrorStatistics } from "../validation/error-statistics.ts";
import type { FamilyFit } from "../validation/fit-family.ts";
import type { HereValidation, TimedTwice } from "../validation/here.ts";
import type { MqaSpeedup } from "../validation/mqa-speedup.ts";
import type { Validation } from "../validation/validate.ts";
import type { VerdictLine } from "../validation/verdict.ts";
import type { HereGate } from "./here-gate.ts";

export type PrintedKinds = Partial<Record<MeasuredKind, ErrorStatistics>>;

export interface PrintedHere {
  readonly hardware: string;
  readonly machine: string;
  readonly date: string;
  readonly backend: string;
  readonly threads: number;
  readonly quick: boolean;
  readonly wallSeconds: number;
  /** Share of the processors' time that other programs used meanwhile, in per cent. */
  readonly otherProgramsPercent: number;
  /** Rows with too few samples that were not disturbed. */
  readonly disturbedRows: number;
  readonly calmSamples: number;
  readonly takenSamples: number;
  readonly skippedRows: number;
  readonly readBytesPerSecond: number;
  /** What only the fastest hundredth of the reads passes, over their ceiling. */
  readonly readSpread: number;
  /** The knee that all families share. */
  readonly commonKnee: number | null;
  readonly families: readonly (Omit<FamilyFit["fit"], "multiplies"> & {
    /** Whose peak the kernels multiply at where that is not their operation's. */
    readonly multiplies: string | null;
    readonly family: string;
    readonly rows: number;
    readonly determined: readonly string[];
    readonly atBound: readonly string[];
    readonly medianAbsolutePercentageError: number;
  })[];
  readonly fittedRows: number;
  readonly kernels: { readonly calibrated: PrintedKinds; readonly roofline: PrintedKinds };
  readonly steps: { readonly calibrated: PrintedKinds; readonly roofline: PrintedKinds };
  readonly speedups: readonly {
    readonly what: string;
    readonly measured: number;
    readonly predicted: number;
    readonly errorPercent: number;
  }[];
  readonly verdict: readonly VerdictLine[];
  readonly passed: boolean;
  readonly gate: HereGate | null;
  readonly notes: readonly string[];
  readonly files: readonly string[];
}

export function printedTwice(both: TimedTwice): PrintedHere["kernels"] {
  return { calibrated: kindsOf(both.calibrated), roofline: kindsOf(both.roofline) };
}

function kindsOf(validation: Validation): PrintedKinds {
  const kinds: PrintedKinds = {};
  for (const kind of measuredKinds) {
    const result = validation.kinds[kind];
    if (result === undefined) continue;
    const { groups: _groups, reasons: _reasons, worst: _worst, ...statistics } = result;
    kinds[kind] = statistics;
  }
  return kinds;
}

export function printedFamilies({ calibration }: HereValidation): PrintedHere["families"] {
  return calibration.families.map(({ family, fit, determined, atBound, residuals }) => ({
    family,
    rows: residuals.rows,
    ...fit,
    multiplies: fit.multiplies ?? null,
    determined,
    atBound,
    medianAbsolutePercentageError: residuals.medianAbsolutePercentageError,
  }));
}

export function printedSpeedups(pairs: readonly MqaSpeedup[]): PrintedHere["speedups"] {
  return pairs.map(({ row, measured, predicted, errorPercent }) => {
    return { what: describeRow(row), measured, predicted, errorPercent };
  });
}
