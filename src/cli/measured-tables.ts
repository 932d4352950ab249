/** Results as tables in the measurement layout, as text and read back, so that what is judged is what the files say. */
import { type CellLabels, type RowResult, resultCells, tableColumns } from "../measurement/measured-cells.ts";
import {
  isMeasuredKind,
  type MeasuredKind,
  type MeasurementRow,
  measuredKinds,
} from "../measurement/measurement-row.ts";
import { type MeasurementTable, readMeasurementTable } from "../measurement/measurement-table.ts";
import { csvRows } from "../reporting/csv-text.ts";

/** A table a kind that has results, named as its file. */
export function measuredTables(results: readonly RowResult[], labels: CellLabels): MeasurementTable[] {
  return measuredKinds.flatMap((kind) => {
    const own = resultsOf(results, kind);
    if (own.length === 0) return [];
    const cells = own.map((result) => resultCells(result, labels));
    return [readMeasurementTable(csvRows(tableColumns(kind), cells), `${kind}.csv`)];
  });
}

/** The text of each table by its name, with a column that says whether a kernel was fitted or held out, or is of a whole step. */
export function partedTexts(
  results: readonly RowResult[],
  labels: CellLabels,
  tables: readonly MeasurementTable[],
  fitted: ReadonlySet<MeasurementRow>,
): Map<string, string> {
  return new Map(
    tables.flatMap(({ name, kind, rows }): [string, string][] => {
      if (!isMeasuredKind(kind)) return [];
      const byLine = new Map(rows.map((row) => [row.line, row]));
      const cells = resultsOf(results, kind).map((result, i) => {
        const row = byLine.get(i + 2);
        const part =
          row === undefined ? null : kind === "steps" ? "predicted" : fitted.has(row) ? "fitted" : "held out";
        return [...resultCells(result, labels), part];
      });
      return [[name, csvRows([...tableColumns(kind), "part"], cells)]];
    }),
  );
}

function resultsOf(results: readonly RowResult[], kind: MeasuredKind): RowResult[] {
  return results.filter(({ row }) => row.shape.kind === kind);
}
