/**
 * A table for reading: a header, numbers to the right, no boxes. Ours because of start-up time: cli-table3 with its Unicode
 * tables took a fifth of the whole `ridgepoint step` process (docs/decisions/004-text-tables.md), and no cell here is wide.
 */
import { escapeUnprintable } from "../quantity/printable-text.ts";

export interface Column {
  readonly title: string;
  readonly align?: "left" | "right";
}

/** The table's text, a line a row, ending with a line break; the first column is left-aligned, the others right unless told. */
export function textTable(columns: readonly Column[], given: readonly (readonly string[])[]): string {
  const rows = given.map((row) => row.map(escapeUnprintable));
  const widths = columns.map((column, i) => Math.max(length(column.title), ...rows.map((row) => length(row[i] ?? ""))));
  const line = (cells: readonly string[]): string =>
    columns
      .map((column, i) => {
        const cell = cells[i] ?? "";
        const space = " ".repeat((widths[i] ?? 0) - length(cell));
        return (column.align ?? (i === 0 ? "left" : "right")) === "left" ? cell + space : space + cell;
      })
      .join("  ")
      .trimEnd();
  return `${[columns.map((column) => column.title), ...rows].map(line).join("\n")}\n`;
}

/** Characters, counting those outside the basic plane once. */
function length(text: string): number {
  return [...text].length;
}
