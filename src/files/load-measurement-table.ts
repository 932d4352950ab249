/** Measurement tables from the files that a user named. */
import { type MeasurementTable, readMeasurementTable } from "../measurement/measurement-table.ts";
import { readTextFile } from "./read-text-file.ts";

/** Some 2 million rows; a whole engine's table has some thousand. */
const maximumTableBytes = 200 * 1000 * 1000;

/**
 * The tables in the order of their paths.
 * @throws InvalidInput for a file that can't be read, is larger than 200 MB, or isn't a measurement table
 */
export async function loadMeasurementTables(paths: readonly string[]): Promise<MeasurementTable[]> {
  const tables: MeasurementTable[] = [];
  for (const path of paths)
    tables.push(readMeasurementTable(await readTextFile(path, "table", maximumTableBytes), path));
  return tables;
}
