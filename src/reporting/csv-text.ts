/** Rows as CSV (RFC 4180): the data behind a chart and the tables beside a page. */
import type { ChartSpec } from "../charts/chart-spec.ts";
import { chartTable } from "../charts/chart-table.ts";

/** A header and rows; null is an empty cell, numbers have at most 12 significant digits. */
export function csvRows(columns: readonly string[], rows: readonly (readonly unknown[])[]): string {
  return [columns, ...rows].map(csvLine).join("");
}

/** One line, with its line break. */
export function csvLine(cells: readonly unknown[]): string {
  return `${cells.map(cell).join(",")}\n`;
}

/** The data table of a chart. */
export function chartCsv(spec: ChartSpec): string {
  const table = chartTable(spec);
  return csvRows(table.columns, table.rows);
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return "";
  const text = typeof value === "number" ? String(Number(value.toPrecision(12))) : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
