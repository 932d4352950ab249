/**
 * Published results of whole engines, one figure a row, as people gather them: the columns of this project's engine table with
 * `batch_or_concurrency` in the place of concurrency and words of the source's own in precision and engine.
 */

import { engineMetrics } from "../measurement-row.ts";
import { type ConvertedCell, convertedRows, RowRefused } from "./converted-rows.ts";
import { engineColumns } from "./engine-columns.ts";
import { engineName } from "./engine-name.ts";
import { countCell, figureCell, optionalCountCell, rounded, textCell, wholeCell } from "./foreign-cell.ts";
import { type ForeignTable, hasColumns } from "./foreign-file.ts";
import type { ForeignFormat } from "./foreign-format.ts";
import { precisionFormat } from "./precision-format.ts";

const needed = ["engine", "model", "precision", "hardware", "batch_or_concurrency", "metric", "value"];
const read = new Set<string>([...engineColumns, "batch_or_concurrency"]);

export const engineResults: ForeignFormat = {
  id: "engine-results",
  what: "published results of whole engines, one figure a row (CSV)",
  wants: `the columns ${needed.join(", ")}`,
  accepts: (file) => hasColumns(file, needed),
  convert(file) {
    const table = file as ForeignTable;
    const others = table.columns.filter((column) => !read.has(column));
    const rows = convertedRows("engine", [...engineColumns, "engine_label", ...others]);
    for (let row = 0; row < table.rowCount; row++) {
      rows.add(table.line(row), () => [
        ...cellsOf(table, row),
        textCell(table, "engine", row),
        ...others.map((column) => textCell(table, column, row)),
      ]);
    }
    return [rows.table()];
  },
};

/** In the order of engineColumns. */
function cellsOf(table: ForeignTable, row: number): ConvertedCell[] {
  const text = (column: string): string => textCell(table, column, row);
  const optional = (column: string): number | null => (text(column) === "" ? null : wholeCell(table, column, row));
  const metric = text("metric");
  if (!engineMetrics.some((each) => each === metric)) throw new RowRefused(`metric ${metric} is not known`);
  for (const column of ["engine", "model", "hardware"])
    if (text(column) === "") throw new RowRefused(`${column} is empty`);
  const [tp, pp] = ["tp", "pp"].map((each) => optionalCountCell(table, each, row, 1)) as [number, number];
  return [
    ...[text("source"), engineName(text("engine")), text("engine_version"), text("model")],
    ...[
      formatOf(text("precision"), "precision"),
      text("kv_dtype") === "" ? null : formatOf(text("kv_dtype"), "kv_dtype"),
    ],
    ...[text("hardware"), optionalCountCell(table, "devices", row, tp * pp), tp, pp, optional("ep")],
    text("batch_or_concurrency") === "" ? null : countCell(table, "batch_or_concurrency", row),
    ...[optional("isl"), optional("osl"), metric, rounded(figureCell(table, "value", row)), text("stat"), text("note")],
  ];
}

function formatOf(label: string, column: string): string {
  if (label === "") throw new RowRefused(`${column} is empty`);
  const format = precisionFormat(label);
  if (format === null) throw new RowRefused(`${column} ${label} names no number format known here`);
  return format;
}
