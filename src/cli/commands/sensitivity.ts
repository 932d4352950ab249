/** `ridgepoint sensitivity`: what more bandwidth, fewer cache bytes or more FLOP/s would buy. */
import type { Command } from "commander";
import { parseChange } from "../../analysis/asked-change.ts";
import { sensitivity as sensitivityOf } from "../../analysis/sensitivity.ts";
import { describeAttention } from "../../architecture/attention-variant.ts";
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

export const sensitivity: CliCommand = {
  configure(command: Command): void {
    addPointOptions(addModelOptions(command)).option(
      "--change <change>",
      "one more: bandwidth, flops, link, kv-bytes or weight-bytes, =+25%, =-10% or =x2; commas join several",
      (text: string, before: readonly string[] = []) => [...before, text],
    );
    addOutputOptions(addStepOptions(addAttentionOption(command)));
    command.addHelpText(
      "after",
      `
Each change is made and the step counted and timed again; nothing is extrapolated.

Examples:
  ridgepoint sensitivity --model llama-3.1-8b --batch 64 --context 8192
  ridgepoint sensitivity --hardware a100-80g-sxm --change bandwidth=+25% --change kv-bytes=x0.25
  ridgepoint sensitivity --change bandwidth=x1.43,flops=x1.0 --csv
  ridgepoint sensitivity --model llama-3.1-70b --tensor-parallel 8 --json`,
    );
  },

  async run(options: RawOptions, _args, io: CommandIo): Promise<ExitCode> {
    const kind = outputKind(options);
    const settings = await predictorOptionsOf(options);
    const workload = workloadOf(options, options["batch"], options["context"]);
    const asked = ((options["change"] ?? []) as readonly string[]).map(parseChange);
    const model = await modelOf(options);
    const hardware = await hardwareOf(options["hardware"], options);
    const report = sensitivityOf({
      model,
      hardware,
      workload,
      options: settings,
      sameParameters: options["sameParameters"] === true,
      asked,
    });
    if (kind === "json") io.write(jsonText({ ...report, attention: String(options["attention"] ?? "as-is") }));
    else if (kind === "csv") io.write(csvText(report.changes.map((change) => ({ ...change }))));
    else {
      const heading = `${model.name}, ${describeAttention(model)}, on ${hardware.name}: ${report.phase}, batch ${report.batch}, context ${report.context}${report.timing === "roofline" ? "" : `; ${timingWords(report)}`}`;
      io.write(sensitivityText(report, heading));
      for (const note of report.notes) io.write(`note: ${note}\n`);
    }
    return report.baseline.fits ? 0 : 3;
  },
};
