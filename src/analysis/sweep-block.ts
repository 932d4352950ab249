/** A run of a sweep's rows as plain arrays, cheap to fill, to hand between threads and to write in any format. */
import { sweepNumberColumns, sweepTextColumns } from "./sweep-columns.ts";

export interface SweepBlock {
  readonly rows: number;
  /** Texts of this block, by code. */
  readonly words: readonly string[];
  /** Codes of the text columns, row after row; −1 is null. */
  readonly codes: Int32Array;
  /** Numbers and flags (1, 0), row after row; NaN stands for null and is never written. */
  readonly numbers: Float64Array;
  /** Rows that were evaluated and don't fit. */
  readonly notFitting: number;
  /** Rows whose options don't go together. */
  readonly invalid: number;
}

/** A cell as JSON knows it. */
export type SweepCell = string | number | boolean | null;

export function emptySweepArrays(rows: number): Pick<SweepBlock, "codes" | "numbers"> {
  return {
    codes: new Int32Array(rows * sweepTextColumns).fill(-1),
    numbers: new Float64Array(rows * sweepNumberColumns).fill(Number.NaN),
  };
}
