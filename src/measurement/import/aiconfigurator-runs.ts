/**
 * Runs of whole engines as aiconfigurator records them: `silicon_ttft_ms` and `silicon_tpot_ms` of a load of `batch_size`
 * concurrent requests, each a row of its own here. An empty precision is bf16.
 */
import { convertedRows, RowRefused } from "./converted-rows.ts";
import { engineColumns } from "./engine-columns.ts";
import { engineName } from "./engine-name.ts";
import { countCell, numberOf, optionalCountCell, rounded, textCell } from "./foreign-cell.ts";
import type { ForeignTable } from "./foreign-file.ts";
import type { ConvertedTable } from "./foreign-format.ts";

const metrics = [
  ["silicon_tpot_ms", "tpot_ms"],
  ["silicon_ttft_ms", "ttft_ms"],
] as const;

export const runColumns: readonly string[] = [
  ...["backend", "model_path", "system", "isl", "osl", "batch_size", "tp_size"],
  ...metrics.map(([column]) => column),
];

export function aiconfiguratorRuns(table: ForeignTable): ConvertedTable {
  const rows = convertedRows("engine", engineColumns);
  const source = `aiconfigurator ${table.name.replace(/^.*[\\/]/, "")}`;
  for (let row = 0; row < table.rowCount; row++) {
    for (const [column, metric] of metrics) {
      if (textCell(table, column, row) === "") continue;
      rows.add(table.line(row), () => {
        const value = numberOf(table.cell(column, row));
        if (value === null) throw new RowRefused(`${column} is no number`);
        const [tp, pp] = ["tp_size", "pp_size"].map((each) => optionalCountCell(table, each, row, 1)) as [
          number,
          number,
        ];
        const precision = textCell(table, "precision", row) || "bf16";
        return [
          ...[source, engineName(textCell(table, "backend", row)), textCell(table, "backend_version", row)],
          ...[textCell(table, "model_path", row), precision.toLowerCase(), null, textCell(table, "system", row)],
          ...[tp * pp, tp, pp, null],
          ...["batch_size", "isl", "osl"].map((each) => countCell(table, each, row)),
          ...[metric, rounded(value), "mean", textCell(table, "id", row)],
        ];
      });
    }
  }
  return rows.table();
}
