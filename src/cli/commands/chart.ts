/** `ridgepoint chart`: time, bytes, speed-up and memory as charts. */
import type { Command } from "commander";
import { addChartOutputOptions, chartOutputOf, outputChart } from "../chart-output.ts";
import { chartSpecOf, drawableKinds } from "../chart-spec-of.ts";
import type { CliCommand, ExitCode } from "../command.ts";
import { oneOf } from "../number-option.ts";
import { addStepOptions, defaultModel, type RawOptions } from "../step-settings.ts";

export const chart: CliCommand = {
  configure(command: Command): void {
    command
      .argument("<kind>", drawableKinds.join(", "))
      .option("-m, --model <list>", `model profiles, see \`ridgepoint models\` (${defaultModel})`)
      .option("--config <file>", "a Hugging Face config.json (or a model profile) instead of --model")
      .option("-a, --attention <list>", "variants: mha, gqa:G, mqa, mla or as-is", "mha,gqa:8,mqa")
      .option("-H, --hardware <list>", "hardware profiles or files", "h100-sxm")
      .option("-b, --batch <list>", "batches, such as 1,16,64 or 1..512*2 (a default for each kind)")
      .option("-c, --context <list>", "contexts, such as 4096 or 512..131072*2 (a default for each kind)")
      .option("--by <axis>", "memory: context or batch along the axis", "context");
    addStepOptions(addChartOutputOptions(command));
    command.addHelpText(
      "after",
      `
Kinds:
  time-by-context            step time against context, a line a variant (machine, batch)
  time-by-batch              step time against batch
  bytes-by-part              bytes a step as weights, keys and values, activations
  speedup-heatmap            times as fast as the first variant, a cell a batch and context
  memory                     weights and cache against capacity, by context or batch
  roofline                   the operations under the machine's roofline (as \`ridgepoint roofline\`)
  published-against-counted  the table of speeds of Shazeer 2019 beside its counted lower bound (takes no model)

Examples:
  ridgepoint chart time-by-context --out time.svg
  ridgepoint chart speedup-heatmap --model llama-3.1-8b --attention mha,as-is,mqa --out speedup.png --theme dark
  ridgepoint chart memory --by batch --context 8192 --hardware mi300x --out memory.html
  ridgepoint chart bytes-by-part --model falcon-7b,llama-3.1-8b --attention as-is > bytes.vl.json`,
    );
  },

  async run(options: RawOptions, args, io): Promise<ExitCode> {
    const kind = oneOf("kind", args[0], drawableKinds);
    const output = chartOutputOf(options);
    await outputChart(await chartSpecOf(kind, options), output, io);
    return 0;
  },
};
