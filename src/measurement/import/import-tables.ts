/** Foreign files as measurement tables, read by the same reader as a table of the project's own. */
import { InvalidInput } from "../../quantity/invalid-input.ts";
import { type MeasurementTable, readMeasurementRecords } from "../measurement-table.ts";
import type { ForeignFile } from "./foreign-file.ts";
import type { ConvertedTable, ForeignFormat, RunLabels } from "./foreign-format.ts";
import { notOfFormat } from "./foreign-formats.ts";

/**
 * What a file of a format holds.
 * @throws InvalidInput where it isn't of that format, or holds no row
 */
export function convertForeignFile(file: ForeignFile, format: ForeignFormat, labels: RunLabels = {}): ConvertedTable[] {
  if (!format.accepts(file)) throw notOfFormat(file, format);
  const tables = format.convert(file, labels);
  if (tables.every(({ records, notConverted }) => records.length + notConverted.length === 0)) {
    throw new InvalidInput("table", file.name, "holds no row");
  }
  return tables;
}

/**
 * A converted table as rows; those that could not be converted are counted as left out.
 * @throws InvalidInput where none could, with the first reason
 */
export function importedTable(table: ConvertedTable, name: string): MeasurementTable {
  const lost = table.notConverted.reduce((sum, { rows }) => sum + rows, 0);
  const first = table.notConverted[0];
  if (table.records.length === 0 && first !== undefined) {
    throw new InvalidInput("table", name, `none of its ${lost} rows can be used: ${first.reason} (line ${first.line})`);
  }
  const read = readMeasurementRecords(table.columns, table.records, name);
  return lost === 0 ? read : { ...read, leftOut: read.leftOut + lost, notConverted: table.notConverted };
}
