/** What `ridgepoint main` prints: the operations of one step, then the totals of every attention side by side. */
import { predictStep, stepPredictor } from "../analysis/predict-step.ts";
import { applyAttention } from "../architecture/attention-variant.ts";
import { formatBandwidth } from "../quantity/format-quantity.ts";
import { type MainJobResult, mainJob } from "../reporting/main-job.ts";
import type { ReportCatalog } from "../reporting/report-catalog.ts";
import { totalCells, totalTitles } from "../reporting/step-cells.ts";
import { stepText } from "./commands/step.ts";
import { type Column, textTable } from "./text-table.ts";

/** The per-operation table of the main job's step, as `ridgepoint step` prints it. */
export function mainStepText(catalog: ReportCatalog): string {
  const model = applyAttention(catalog.model(mainJob.model), mainJob.attentions[0]);
  const machine = catalog.hardware(mainJob.step.hardware);
  return stepText(predictStep(stepPredictor(model, machine), mainJob.step), model, machine);
}

/** A table for each machine: every batch and context, a line an attention. */
export function mainTotalsText({ hardware, rows }: MainJobResult): string {
  const columns: Column[] = ["batch:", "context:", ...totalTitles].map((title) => ({
    title: title.replace(/:$/, ""),
    align: title.endsWith(":") ? "right" : "left",
  }));
  const first = mainJob.attentions[0];
  return hardware
    .map((machine) => {
      const lines = rows
        .filter((row) => row.hardware === machine.id)
        .map((row) => {
          const start = row.attention === first ? [String(row.batch), String(row.context)] : ["", ""];
          return [...start, ...totalCells(row)];
        });
      return `${machine.name} (${formatBandwidth(machine.memoryBandwidthBytesPerSecond)})\n${textTable(columns, lines)}`;
    })
    .join("\n");
}
