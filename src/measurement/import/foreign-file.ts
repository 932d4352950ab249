/**
 * A result file of another program, taken apart but not yet understood: a table (CSV, Parquet) or JSON documents. What reads
 * the file hands it in; the formats of this folder know its columns or fields.
 */

import type { CsvRecord } from "../parse-csv.ts";

export interface ForeignTable {
  /** The file's name, as given. */
  readonly name: string;
  readonly columns: readonly string[];
  readonly rowCount: number;
  /** The line of a row in a text file; its number from 1 in a file without lines. */
  line(row: number): number;
  /** A cell as the file has it: text in a CSV, a typed value in Parquet; undefined where there is no such column. */
  cell(column: string, row: number): unknown;
  /** The rows as text, cell by cell in the order of the columns. */
  records(): Iterable<CsvRecord>;
}

export interface ForeignDocuments {
  readonly name: string;
  /** One JSON document, or one of each line of a JSON Lines file. */
  readonly documents: readonly unknown[];
}

export type ForeignFile = ForeignTable | ForeignDocuments;

export function isTable(file: ForeignFile): file is ForeignTable {
  return "columns" in file;
}

/** A table of columns held as arrays of equal length. */
export function columnarTable(
  name: string,
  columns: ReadonlyMap<string, ArrayLike<unknown>>,
  lines: ArrayLike<number> | null = null,
): ForeignTable {
  const arrays = [...columns.values()];
  const rowCount = arrays[0]?.length ?? 0;
  const line = (row: number): number => (lines === null ? row + 1 : (lines[row] ?? 0));
  return {
    name,
    columns: [...columns.keys()],
    rowCount,
    line,
    cell: (column, row) => columns.get(column)?.[row],
    *records() {
      for (let row = 0; row < rowCount; row++) {
        yield { line: line(row), cells: arrays.map((values) => String(values[row] ?? "")) };
      }
    },
  };
}

/** Whether a table has all these columns. */
export function hasColumns(file: ForeignFile, columns: readonly string[]): boolean {
  return isTable(file) && columns.every((column) => file.columns.includes(column));
}
