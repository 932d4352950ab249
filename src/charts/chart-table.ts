/** The rows behind a chart as a table: for screen readers and for the CSV beside each picture. */
import type { ChartSpec } from "./chart-spec.ts";
import type { Json } from "./json.ts";

export interface ChartTable {
  readonly caption: string;
  /** Column titles, each with its unit. */
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Json[])[];
}

/** The table of a chart; a value that a row lacks is null. */
export function chartTable(spec: ChartSpec): ChartTable {
  return {
    caption: spec.title.text.join(" "),
    columns: spec.usermeta.columns.map((column) => column.title),
    rows: spec.data.values.map((row) =>
      spec.usermeta.columns.map((column) => (Object.hasOwn(row, column.field) ? (row[column.field] ?? null) : null)),
    ),
  };
}
