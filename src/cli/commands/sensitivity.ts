/** `ridgepoint sensitivity`: what more bandwidth, fewer cache bytes or more FLOP/s would buy. */
import type { Command } from "commander";
import { parseChange } from "../../analysis/asked-change.ts";
import { type SensitivityReport, sensitivity as sensitivityOf } from "../../analysis/sensitivity.ts";
import { describeAttention } from "../../architecture/attention-variant.ts";
import type { Model } from "../../architecture/model.ts";
import type { ChartSpec } from "../../charts/chart-spec.ts";
import type { Hardware } from "../../hardware/hardware.ts";
import { sensitivityFigure } from "../../reporting/sensitivity-figure.ts";
import { timingWords } from "../../reporting/timing-words.ts";
import type { CliCommand, CommandIo, ExitCode } from "../command.ts";
import { addOutputOptions, csvText, jsonText, outputKind } from "../output.ts";
import { sensitivityText } from "../sensitivity-text.ts";
import {
  addAttentionOption,
  addModelOptions,
  addPointOptions,
  addStepOptions,
  hardwareOf,
  modelOf,
  predictorOptionsOf,
  type RawOptions,
  workloadOf,
} from "../step-settings.ts";
import { chartFormatOf, writeChart } from "../write-chart.ts";

export const sensitivity: CliCommand = {
  configure(command: Command): void {
    addPointOptions(addModelOptions(command))
      .option(
        "--change <change>",
        "one more: bandwidth, flops, link, kv-bytes or weight-bytes, =+25%, =-10% or =x2; commas join several",
        (text: string, before: readonly string[] = []) => [...before, text],
      )
      .option("--chart <file>", "what each saves, as .svg, .png, .html or .vl.json; its folder is made where missing");
    addOutputOptions(addStepOptions(addAttentionOption(command)));
    command.addHelpText(
      "after",
      `
Each change is made and the step counted and timed again; nothing is extrapolated.

Examples:
  ridgepoint sensitivity --model llama-3.1-8b --batch 64 --context 8192
  ridgepoint sensitivity --hardware a100-80g-sxm --change bandwidth=+25% --change kv-bytes=x0.25
  ridgepoint sensitivity --change bandwidth=x1.43,flops=x1.0 --csv
  ridgepoint sensitivity --hardware l4 --batch 8 --chart saved.svg
  ridgepoint sensitivity --model llama-3.1-70b --tensor-parallel 8 --json`,
    );
  },

  async run(options: RawOptions, _args, io: CommandIo): Promise<ExitCode> {
    const kind = outputKind(options);
    const chart = options["chart"] === undefined ? null : String(options["chart"]);
    if (chart !== null) chartFormatOf("chart", chart);
    const { report, model, hardware } = await sensitivityOfOptions(options);
    if (kind === "json") io.write(jsonText({ ...report, attention: String(options["attention"] ?? "as-is") }));
    else if (kind === "csv") io.write(csvText(report.changes.map((change) => ({ ...change }))));
    else {
      const heading = `${model.name}, ${describeAttention(model)}, on ${hardware.name}: ${report.phase}, batch ${report.batch}, context ${report.context}${report.timing === "roofline" ? "" : `; ${timingWords(report)}`}`;
      io.write(sensitivityText(report, heading));
      for (const note of report.notes) io.write(`note: ${note}\n`);
    }
    if (chart !== null) await drawChart(sensitivityFigure(report, model, hardware), chart, io);
    return report.baseline.fits ? 0 : 3;
  },
};

export interface SensitivityView {
  readonly report: SensitivityReport;
  readonly model: Model;
  readonly hardware: Hardware;
}

/** What the command prints and draws. @throws InvalidInput naming the option */
export async function sensitivityOfOptions(options: RawOptions): Promise<SensitivityView> {
  const settings = await predictorOptionsOf(options);
  const workload = workloadOf(options, options["batch"], options["context"]);
  const asked = ((options["change"] ?? []) as readonly string[]).map(parseChange);
  const model = await modelOf(options);
  const hardware = await hardwareOf(options["hardware"], options);
  const sameParameters = options["sameParameters"] === true;
  const report = sensitivityOf({ model, hardware, workload, options: settings, sameParameters, asked });
  return { report, model, hardware };
}

async function drawChart(spec: ChartSpec | null, path: string, io: CommandIo): Promise<void> {
  if (spec === null) {
    io.writeError("no chart drawn: the step does not fit\n");
    return;
  }
  await writeChart(spec, path);
  io.writeError(`wrote ${path}\n`);
}
