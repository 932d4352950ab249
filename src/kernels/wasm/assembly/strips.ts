/** Where a matrix in strips of columns lies: src/kernels/wasm/stored-matrix.ts. */

export const stripColumns: i32 = 1024;

/** Columns of the strip that begins at `column`. */
// @ts-ignore: decorator
@inline
export function stripWidth(columns: i32, column: i32): i32 {
  return min(stripColumns, columns - column);
}

/** Address of row `row` in the strip of `width` columns that begins at `column`, of a matrix of `rows` rows. */
// @ts-ignore: decorator
@inline
export function stripRow<T>(matrix: usize, rows: i32, width: i32, column: i32, row: i32): usize {
  return matrix + (<usize>rows * <usize>column + <usize>row * <usize>width) * sizeof<T>();
}
