/** `ridgepoint roofline`: the roofline of a machine with a step's operations on it. */
import type { Command } from "commander";
import { addChartOutputOptions, chartOutputOf, outputChart } from "../chart-output.ts";
import { chartSpecOf } from "../chart-spec-of.ts";
import type { CliCommand, ExitCode } from "../command.ts";
import { addStepOptions, defaultModel, type RawOptions } from "../step-settings.ts";

export const roofline: CliCommand = {
  configure(command: Command): void {
    command
      .option("-m, --model <list>", `model profiles, see \`ridgepoint models\` (${defaultModel})`)
      .option("--config <file>", "a Hugging Face config.json (or a model profile) instead of --model")
      .option("-a, --attention <list>", "variants: mha, gqa:G, mqa, mla or as-is", "as-is")
      .option("-H, --hardware <id>", "hardware profile or a file", "h100-sxm")
      .option("-b, --batch <list>", "requests served together; several make several series", "16")
      .option("-c, --context <list>", "rows of the cache a step reads a sequence", "4096");
    addStepOptions(addChartOutputOptions(command));
    command.addHelpText(
      "after",
      `
Examples:
  ridgepoint roofline --out roofline.svg
  ridgepoint roofline --model llama-3.1-8b --attention mha,mqa --batch 64 --out roofline.png --theme dark
  ridgepoint roofline --model deepseek-v3 --hardware h200 --tensor-parallel 8 --batch 1,64 --out roofline.html
  ridgepoint roofline --batch 1,16,256 > roofline.vl.json`,
    );
  },

  async run(options: RawOptions, _args, io): Promise<ExitCode> {
    const output = chartOutputOf(options);
    const spec = await chartSpecOf("roofline", { ...options, attention: options["attention"] ?? "as-is" });
    await outputChart(spec, output, io);
    return 0;
  },
};
