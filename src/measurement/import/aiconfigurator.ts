/** NVIDIA's aiconfigurator: its kernel tables (Parquet, or CSV with the same columns), and its runs of whole engines (CSV). */

import { kernelLayouts } from "./aiconfigurator-kernels.ts";
import { aiconfiguratorRuns, runColumns } from "./aiconfigurator-runs.ts";
import { type ForeignTable, hasColumns } from "./foreign-file.ts";
import type { ForeignFormat } from "./foreign-format.ts";

export const aiconfigurator: ForeignFormat = {
  id: "aiconfigurator",
  what: "tables of NVIDIA's aiconfigurator: attention, matmuls, latent attention, experts, collectives, engine runs",
  wants: `the columns of one of its tables, such as ${kernelLayouts[0]?.needs.join(", ")}`,
  accepts: (file) => hasColumns(file, runColumns) || kernelLayouts.some(({ needs }) => hasColumns(file, needs)),
  convert(file) {
    const layout = kernelLayouts.find(({ needs }) => hasColumns(file, needs));
    const table = file as ForeignTable;
    return [layout === undefined ? aiconfiguratorRuns(table) : layout.convert(table)];
  },
};
