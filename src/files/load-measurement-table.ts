/** Measurement tables from the files that a user named: of the project's own layout, or of a foreign one known by its columns. */
import { isTable } from "../measurement/import/foreign-file.ts";
import { foreignFormats, formatOfFile } from "../measurement/import/foreign-formats.ts";
import { convertForeignFile, importedTable } from "../measurement/import/import-tables.ts";
import { type MeasurementTable, readMeasurementRecords } from "../measurement/measurement-table.ts";
import { InvalidInput } from "../quantity/invalid-input.ts";
import { loadForeignFile } from "./load-foreign-file.ts";

/**
 * The tables in the order of their paths; a foreign file may give several.
 * @throws InvalidInput for a file that can't be read, is larger than 200 MB, or holds neither a measurement table nor results
 *   of a program that `ridgepoint import` knows
 */
export async function loadMeasurementTables(paths: readonly string[]): Promise<MeasurementTable[]> {
  const tables: MeasurementTable[] = [];
  for (const path of paths) tables.push(...(await tablesOf(path)));
  return tables;
}

async function tablesOf(path: string): Promise<MeasurementTable[]> {
  const file = await loadForeignFile(path);
  const format = formatOfFile(file);
  if (format !== null) return convertForeignFile(file, format).map((table) => importedTable(table, path));
  if (isTable(file)) return [readMeasurementRecords(file.columns, file.records(), path)];
  const known = foreignFormats.map(({ id }) => id).join(", ");
  throw new InvalidInput("table", path, `JSON without the fields of a result that is known (${known})`);
}
