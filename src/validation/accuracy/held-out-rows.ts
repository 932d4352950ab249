/**
 * Kernel rows that no fit saw, with what simpler formulas need of them, and the lines that they make. A row stands in several lines:
 * that of its whole table, and that of its kernel and format.
 */
import type { FamilyCalibration } from "../calibrate.ts";
import { type ErrorStatistics, errorStatistics } from "../error-statistics.ts";
import type { FormSample } from "../fit-form.ts";
import type { KernelSample } from "../form-samples.ts";
import { isPredictable, type PredictableRow } from "../predict-row.ts";
import type { AccuracyLine } from "./accuracy-line.ts";
import type { OperationCeilings, RowCeilings } from "./operation-ceilings.ts";
import { affineHeldOut, simpleErrors } from "./simple-formulas.ts";

export interface HeldOutRow extends FormSample<OperationCeilings> {
  readonly operations: readonly OperationCeilings[];
  readonly predictedSeconds: number;
  /** Counted, over the link too. */
  readonly bytes: number;
}

export interface HeldOutLine extends AccuracyLine {
  readonly rows: readonly HeldOutRow[];
}

/** The held-out rows of a family. @throws InvalidInput where the roofline throws */
export function heldOutRows(
  { heldOut, fitted }: FamilyCalibration,
  ceilingsOf: (row: PredictableRow, table: string) => RowCeilings,
): HeldOutRow[] {
  return heldOut.flatMap(({ sample, predictedSeconds }) => {
    const { row, table, seconds, group } = sample as KernelSample;
    if (!isPredictable(row)) return [];
    const { operations, prediction } = ceilingsOf(row, table);
    const call = operations[0]!;
    const bytes = prediction.bytes + prediction.linkBytes;
    return [{ call, operations, seconds, group: `${fitted.kind}, ${group}`, predictedSeconds, bytes }];
  });
}

/** Statistics of several families together; the half-width is of one family alone. */
export function pooledErrors(families: readonly FamilyCalibration[], rows: readonly HeldOutRow[]): ErrorStatistics {
  const [first, ...others] = families.map(({ heldOutErrors }) => heldOutErrors);
  if (others.length === 0 && first !== null && first !== undefined) return first;
  const pooled = errorStatistics(
    rows.map(({ seconds, predictedSeconds }) => ({ measuredSeconds: seconds, predictedSeconds, interval: null })),
  );
  const covered = families.map(({ heldOutErrors: errors }) =>
    errors?.coverage90 === undefined ? Number.NaN : errors.coverage90 * errors.rows,
  );
  const coverage90 = covered.reduce((sum, each) => sum + each, 0) / rows.length;
  return Number.isNaN(coverage90) ? pooled : { ...pooled, coverage90 };
}

/**
 * The lines with the errors of simpler formulas.
 * @param affine whether one affine fit to the rows of all lines is among them: not where a link carries them, which it does not know
 */
export function withSimpleErrors(lines: readonly HeldOutLine[], affine: boolean): AccuracyLine[] {
  const all = affine ? [...new Set(lines.flatMap(({ rows }) => rows))] : [];
  const heldOut = all.length === 0 ? null : affineHeldOut(all);
  const predicted = heldOut === null ? null : (row: HeldOutRow): number => heldOut.get(row) ?? Number.NaN;
  return lines.map(({ rows, ...line }) => ({ ...line, simple: simpleErrors(rows, predicted) }));
}
