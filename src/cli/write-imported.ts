/** Writes converted tables into a folder, one file a kind, rows of several files one after the other. */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomically } from "../files/write-file-atomically.ts";
import type { ConvertedTable } from "../measurement/import/foreign-format.ts";
import { type MeasurementKind, measurementKinds } from "../measurement/measurement-row.ts";
import { readMeasurementRecords } from "../measurement/measurement-table.ts";
import { InvalidInput } from "../quantity/invalid-input.ts";
import { csvRows } from "../reporting/csv-text.ts";

export interface ImportedFile {
  readonly file: string;
  readonly format: string;
  readonly tables: readonly ConvertedTable[];
}

export interface WrittenTable {
  readonly kind: MeasurementKind;
  readonly path: string;
  readonly rows: number;
}

/**
 * Reads every table back before the first is written, so that nothing is left behind that no command could use.
 * @throws InvalidInput where no row could be converted, a row has a cell that no table may hold, or a table stands there
 *   already; WorkFailed where the folder cannot be written
 */
export async function writeImported(
  files: readonly ImportedFile[],
  folder: string,
  overwrite: boolean,
): Promise<WrittenTable[]> {
  const tables = measurementKinds.flatMap((kind) => {
    const own = files.flatMap(({ file, tables: each }) =>
      each.filter((table) => table.kind === kind && table.records.length > 0).map((table) => ({ file, table })),
    );
    for (const { file, table } of own) readMeasurementRecords(table.columns, table.records, file);
    return own.length === 0
      ? []
      : [{ kind, path: join(folder, `${kind}.csv`), ...joined(own.map((each) => each.table)) }];
  });
  if (tables.length === 0) throw nothingConverted(files);
  for (const { path } of tables) {
    if (!overwrite && (await exists(path))) {
      throw new InvalidInput("out", path, "stands there already: name another folder, or --overwrite it");
    }
  }
  for (const { path, columns, rows } of tables) await writeFileAtomically(path, csvRows(columns, rows));
  return tables.map(({ kind, path, rows }) => ({ kind, path, rows: rows.length }));
}

/** All columns of the tables in the order of their first appearance; cells that a table lacks are empty. */
function joined(tables: readonly ConvertedTable[]): { columns: string[]; rows: (readonly string[])[] } {
  const columns = [...new Set(tables.flatMap((table) => table.columns))];
  const rows = tables.flatMap((table) => {
    const places = columns.map((column) => table.columns.indexOf(column));
    const isSame = places.every((place, index) => place === index) && table.columns.length === columns.length;
    return table.records.map(({ cells }) =>
      isSame ? cells : places.map((place) => (place < 0 ? "" : (cells[place] ?? ""))),
    );
  });
  return { columns, rows };
}

function nothingConverted(files: readonly ImportedFile[]): InvalidInput {
  const first = files.flatMap(({ tables }) => tables.flatMap((table) => table.notConverted))[0];
  const why = first === undefined ? "there is none" : `${first.reason} (line ${first.line})`;
  return new InvalidInput("table", files.map(({ file }) => file).join(", "), `no row can be converted: ${why}`);
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}
