/**
 * A matrix [n, k] as the linear kernel reads it: in strips of 1024 columns, one after the other, each [n, its columns], so that the part
 * of the input which a strip meets stays in the first cache while the strip passes by in memory's order.
 */
import type { Values } from "../kernel.ts";
import type { MemoryView } from "./memory-view.ts";
import { int8Scale, rowBytes, storePart, type WasmFormat } from "./stored-rows.ts";

/** As in assembly/strips.ts. */
const stripColumns = 1024;

export interface MatrixPlaces {
  readonly weights: number;
  /** One a row, for int8. */
  readonly scales: number;
}

/** Writes `columns` values from `from` on as row `row` of a matrix of `rows` rows. */
export function storeMatrixRow(
  view: MemoryView,
  format: WasmFormat,
  values: Values,
  from: number,
  columns: number,
  matrix: MatrixPlaces & { readonly rows: number },
  row: number,
): void {
  const scale = format === "int8" ? int8Scale(values, from, columns) : 1;
  if (format === "int8") view.f32[matrix.scales / 4 + row] = scale;
  for (let column = 0; column < columns; column += stripColumns) {
    const width = Math.min(stripColumns, columns - column);
    const at = matrix.weights + matrix.rows * rowBytes(format, column) + row * rowBytes(format, width);
    storePart(view, format, values, from + column, width, at, scale);
  }
}
