/** `ridgepoint crossover`: the batch and the context at which the answer flips. */
import type { Command } from "commander";
import { crossover as crossoverOf } from "../../analysis/crossover.ts";
import { describeAttention } from "../../architecture/attention-variant.ts";
import { timingWords } from "../../reporting/timing-words.ts";
import type { CliCommand, CommandIo, ExitCode } from "../command.ts";
import { askedCrossings, crossoverText } from "../crossover-text.ts";
import { positiveInteger, positiveNumber } from "../number-option.ts";
import { addOutputOptions, csvText, jsonText, outputKind } from "../output.ts";
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

export const crossover: CliCommand = {
  configure(command: Command): void {
    addPointOptions(addModelOptions(command))
      .option("--threshold <x>", "speed-up over multi-head attention from which on fewer K/V heads matter", "1.05")
      .option("--groups <n>", "K/V heads of the grouped variant (8, or the most under it that divide the heads)");
    addOutputOptions(addStepOptions(addAttentionOption(command)));
    command.addHelpText(
      "after",
      `
Answers are exact: one request (or token) less and the answer is the other one. A flip that would not fit in memory is
marked. Lines are solved; mixtures of experts, windows, chunks and prefills are bisected.

Examples:
  ridgepoint crossover --model llama-3.1-8b --hardware h100-sxm --context 8192
  ridgepoint crossover --model llama-2-7b --same-parameters --threshold 1.5
  ridgepoint crossover --model qwen3-30b-a3b --hardware h200 --batch 16 --json
  ridgepoint crossover --model llama-3.1-70b --tensor-parallel 8 --verbose`,
    );
  },

  async run(options: RawOptions, _args, io: CommandIo): Promise<ExitCode> {
    const kind = outputKind(options);
    const settings = await predictorOptionsOf(options);
    const workload = workloadOf(options, options["batch"], options["context"]);
    const threshold = positiveNumber("threshold", options["threshold"] ?? 1.05);
    const groups = options["groups"] === undefined ? undefined : positiveInteger("groups", options["groups"]);
    const model = await modelOf(options);
    const hardware = await hardwareOf(options["hardware"], options);
    const report = crossoverOf({
      model,
      hardware,
      workload,
      options: settings,
      threshold,
      sameParameters: options["sameParameters"] === true,
      ...(groups === undefined ? {} : { groups }),
    });
    if (kind === "json") io.write(jsonText({ ...report, attention: String(options["attention"] ?? "as-is") }));
    else if (kind === "csv") io.write(csvText(rows(report)));
    else {
      const heading = `${model.name}, ${describeAttention(model)}, on ${hardware.name}, ${report.phase}, batch ${report.batch}, context ${report.context}${report.timing === "roofline" ? "" : `; ${timingWords(report)}`}`;
      io.write(crossoverText(report, heading, options["verbose"] === true));
      for (const note of report.notes) io.write(`note: ${note}\n`);
    }
    return report.nothingFits ? 3 : 0;
  },
};

/** A row an answer; operations' ridges under their names. */
function rows(report: ReturnType<typeof crossoverOf>): Readonly<Record<string, unknown>>[] {
  const point = { model: report.model, hardware: report.hardware, batch: report.batch, context: report.context };
  const asked = askedCrossings(report).flatMap(({ name, crossings }) => [
    { ...point, question: name, operation: null, axis: "batch", ...crossings.batch },
    { ...point, question: name, operation: null, axis: "context", ...crossings.context },
  ]);
  const ridges = report.operations.map(({ name, batch }) => ({
    ...point,
    question: "operations",
    operation: name,
    axis: "batch",
    ...batch,
  }));
  return [...asked, ...ridges];
}
