/** `ridgepoint step`: one step on one machine, per operation. */
import type { Command } from "commander";
import { fitAdvice } from "../../analysis/fit-advice.ts";
import { predictStep, type StepPrediction, stepPredictor } from "../../analysis/predict-step.ts";
import { describeAttention } from "../../architecture/attention-variant.ts";
import type { Model } from "../../architecture/model.ts";
import type { Hardware } from "../../hardware/hardware.ts";
import { formatBytes, formatFlops, formatSeconds } from "../../quantity/format-quantity.ts";
import { intensityText } from "../../reporting/step-cells.ts";
import type { CliCommand, ExitCode } from "../command.ts";
import { countingRules } from "../counting-rules.ts";
import { addOutputOptions, csvText, jsonText, outputKind } from "../output.ts";
import {
  addAttentionOption,
  addModelOptions,
  addPointOptions,
  addStepOptions,
  hardwareOf,
  notedModelOf,
  predictorOptionsOf,
  type RawOptions,
  workloadOf,
} from "../step-settings.ts";
import { stepSummary } from "../step-summary.ts";
import { textTable } from "../text-table.ts";

export const step: CliCommand = {
  configure(command: Command): void {
    addPointOptions(addModelOptions(command));
    addOutputOptions(addStepOptions(addAttentionOption(command)));
    command.addHelpText(
      "after",
      `
Examples:
  ridgepoint step --model llama-3.1-8b --hardware h100-sxm --batch 64 --context 8192
  ridgepoint step --model llama-3.1-70b --tensor-parallel 4 --weights fp8
  ridgepoint step --config ./config.json --hardware mi300x --attention mqa --json
  ridgepoint step --model deepseek-v3 --hardware h200 --tensor-parallel 8 --batch 32`,
    );
  },

  async run(options: RawOptions, _args, io): Promise<ExitCode> {
    const kind = outputKind(options);
    const settings = await predictorOptionsOf(options);
    const workload = workloadOf(options, options["batch"], options["context"]);
    const { model, notes } = await notedModelOf(options);
    const machine = await hardwareOf(options["hardware"], options);
    const predicted = predictStep(stepPredictor(model, machine, settings), workload);
    const prediction = { ...predicted, notes: [...notes, ...predicted.notes] };
    if (kind === "json") {
      io.write(jsonText({ ...prediction, attention: String(options["attention"]) }));
    } else if (kind === "csv") {
      // A row stands alone in a CSV, so that each says whether the step fits, and gives no speed where it does not.
      const { fits } = prediction;
      const rows = prediction.operations.map((operation) => ({
        ...operation,
        seconds: fits ? operation.seconds : null,
        bound: fits ? operation.bound : null,
        secondsIfItFitted: fits ? null : operation.seconds,
        fits,
      }));
      io.write(csvText(rows));
    } else {
      io.write(stepText(prediction, model, machine));
      if (!prediction.fits) {
        const advice = fitAdvice(model, machine, settings, workload);
        for (const each of advice)
          io.write(`  fits with ${each.option} (${formatBytes(each.footprintBytes)} a device)\n`);
        if (advice.length === 0) io.write("  more devices, fewer bits and a smaller batch do not help alone\n");
      }
      for (const note of prediction.notes) io.write(`note: ${note}\n`);
      if (options["verbose"] === true) io.write(countingRules(model, prediction));
    }
    return prediction.fits ? 0 : 3;
  },
};

/** The table of a step's operations, with the lines under it. */
export function stepText(prediction: StepPrediction, model: Model, machine: Hardware): string {
  const linked = prediction.totals.linkBytes > 0;
  const columns = ["operation", "count", "FLOPs", "weights", "K/V cache", "activations", "FLOP/B", "time", "share"];
  const total = prediction.operations.reduce((sum, operation) => sum + operation.seconds, 0);
  const rows = prediction.operations.map((o) => [
    o.name,
    String(o.count),
    formatFlops(o.flops),
    formatBytes(o.weightBytes),
    formatBytes(o.kvBytes),
    formatBytes(o.activationBytes),
    ...(linked ? [formatBytes(o.linkBytes)] : []),
    o.bytes === 0 ? "-" : intensityText(o.flops / o.bytes),
    prediction.fits ? formatSeconds(o.seconds) : "-",
    prediction.fits ? `${((100 * o.seconds) / total).toFixed(1)} %` : "-",
    prediction.fits ? o.bound : "-",
  ]);
  const t = prediction.totals;
  rows.push([
    "total",
    "",
    formatFlops(t.flops),
    formatBytes(t.weightBytes),
    formatBytes(t.kvBytes),
    formatBytes(t.activationBytes),
    ...(linked ? [formatBytes(t.linkBytes)] : []),
    intensityText(prediction.arithmeticIntensity),
    prediction.seconds === null ? "-" : formatSeconds(prediction.seconds),
    "",
    prediction.bound ?? "-",
  ]);
  if (linked) columns.splice(6, 0, "link");
  const table = textTable([...columns.map((title) => ({ title })), { title: "bound", align: "left" as const }], rows);
  const head = `${model.name}, ${describeAttention(model)}, on ${machine.name}: ${prediction.phase}, batch ${prediction.batch}, context ${prediction.context}\n`;
  return `${head}\n${table}\n${stepSummary(prediction)}`;
}
