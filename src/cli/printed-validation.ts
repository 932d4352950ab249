/** A validation in the fields of `validate --json` (docs/json-output.md). */
import { type MeasurementKind, measurementKinds } from "../measurement/measurement-row.ts";
import type { MeasurementTable } from "../measurement/measurement-table.ts";
import { describeRow } from "../validation/describe-row.ts";
import type { ErrorReason } from "../validation/explain-error.ts";
import type { KindValidation, Validation } from "../validation/validate.ts";

export interface PrintedRow {
  readonly table: string;
  readonly line: number;
  readonly what: string;
  readonly measuredSeconds: number;
  readonly predictedSeconds: number;
  readonly errorPercent: number;
  readonly reason: ErrorReason;
  readonly explanation: string;
}

export interface PrintedValidation {
  /** Null where all rows are of whole engines, which name their machines; the figures below it then too. */
  readonly hardware: string | null;
  readonly timing: Validation["timing"];
  readonly engine: string | null;
  readonly calibration: string | null;
  readonly basis: "datasheet" | "measured" | null;
  readonly bandwidthBytesPerSecond: number | null;
  readonly tables: readonly { table: string; kind: MeasurementKind; rows: number; leftOut: number }[];
  readonly leftOut: number;
  readonly kinds: Partial<Record<MeasurementKind, Omit<KindValidation, "worst"> & { worst: readonly PrintedRow[] }>>;
  /** Kinds whose median is above the gate's; null where none was asked for. */
  readonly gate: { readonly maxMedianPercent: number; readonly missed: readonly MeasurementKind[] } | null;
  readonly notes: readonly string[];
}

export function printedValidation(
  validation: Validation,
  tables: readonly MeasurementTable[],
  maxMedianPercent: number | null,
): PrintedValidation {
  const kinds: PrintedValidation["kinds"] = {};
  for (const kind of measurementKinds) {
    const result = validation.kinds[kind];
    if (result === undefined) continue;
    const worst = result.worst.map((each) => ({
      table: each.table,
      line: each.row.line,
      what: describeRow(each.row),
      measuredSeconds: each.measuredSeconds,
      predictedSeconds: each.predictedSeconds,
      errorPercent: each.errorPercent,
      reason: each.reason,
      explanation: each.explanation,
    }));
    kinds[kind] = { ...result, worst };
  }
  return {
    hardware: validation.hardware?.id ?? null,
    timing: validation.timing,
    engine: validation.engine,
    calibration: validation.calibration,
    basis: validation.hardware?.basis ?? null,
    bandwidthBytesPerSecond: validation.hardware?.memoryBandwidthBytesPerSecond ?? null,
    tables: tables.map(({ name, kind, rows, leftOut }) => ({ table: name, kind, rows: rows.length, leftOut })),
    leftOut: validation.leftOut,
    kinds,
    gate: maxMedianPercent === null ? null : { maxMedianPercent, missed: missedKinds(validation, maxMedianPercent) },
    notes: validation.notes,
  };
}

function missedKinds(validation: Validation, maxMedianPercent: number): MeasurementKind[] {
  return measurementKinds.filter(
    (kind) => (validation.kinds[kind]?.medianAbsolutePercentageError ?? 0) > maxMedianPercent,
  );
}
