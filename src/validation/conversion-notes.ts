/** Rows of foreign files that could not be converted, a sentence a table and reason. */
import type { MeasurementTable } from "../measurement/measurement-table.ts";

export function conversionNotes(tables: readonly MeasurementTable[]): string[] {
  return tables.flatMap(({ name, notConverted = [] }) =>
    notConverted.map(({ reason, rows, line }) => {
      const which = rows === 1 ? `line ${line}` : `${rows} rows, the first at line ${line}`;
      return `${name}: not converted: ${which}: ${reason}`;
    }),
  );
}
