/** `ridgepoint compare`: the same step with several attention variants side by side. */
import type { Command } from "commander";
import { type ComparedStep, compareVariants } from "../../analysis/compare-variants.ts";
import { describeAttention } from "../../architecture/attention-variant.ts";
import type { Model } from "../../architecture/model.ts";
import { timingWords } from "../../reporting/timing-words.ts";
import type { CliCommand, CommandIo, ExitCode } from "../command.ts";
import { comparisonText } from "../comparison-text.ts";
import { countingRules } from "../counting-rules.ts";
import { numberList, wordList } from "../list-option.ts";
import { addOutputOptions, csvText, jsonText, outputKind } from "../output.ts";
import {
  addModelOptions,
  addStepOptions,
  machinesOf,
  modelOf,
  predictorOptionsOf,
  type RawOptions,
  variantOf,
  workloadOf,
} from "../step-settings.ts";

export const compare: CliCommand = {
  configure(command: Command): void {
    addModelOptions(command)
      .option("-a, --attention <list>", "variants; the first is what the others are compared with", "mha,gqa:8,mqa")
      .option("-H, --hardware <list>", "hardware profiles or files", "h100-sxm,a100-80g-sxm,mi300x")
      .option("-b, --batch <list>", "requests served together", "1,16,64")
      .option("-c, --context <list>", "rows of the cache a step reads a sequence", "512,2048,8192");
    addOutputOptions(addStepOptions(command));
    command.addHelpText(
      "after",
      `
Lists have commas between their items; batches and contexts take ranges as well:
  1..1024*2 (each twice the one before), 512..8192+512 (each 512 more), 1..8 (each one more)

What does not fit is marked and has no speed; the exit code stays 0.

Examples:
  ridgepoint compare --model llama-2-7b --hardware h100-sxm --batch 1,16,64 --context 512,2048,8192
  ridgepoint compare --model llama-3.1-8b --attention as-is,mqa --batch 1..256*4 --context 8192
  ridgepoint compare --attention mha,mqa --same-parameters --hardware h100-sxm,mi300x --csv`,
    );
  },

  async run(options: RawOptions, _args, io: CommandIo): Promise<ExitCode> {
    const kind = outputKind(options);
    const hardware = await machinesOf(options);
    const settings = await predictorOptionsOf(options, hardware);
    const batches = numberList("batch", options["batch"]);
    const contexts = numberList("context", options["context"]);
    const { batch: _batch, context: _context, ...workload } = workloadOf(options, batches[0], contexts[0]);
    const attentions = wordList("attention", options["attention"]);
    const base = await modelOf({ ...options, window: undefined }, "as-is");
    const variants = attentions.map((attention) => ({ attention, model: variantOf(base, options, attention) }));
    const rows = compareVariants({ variants, hardware, batches, contexts, options: settings, workload });
    if (kind === "json") io.write(jsonText({ rows }));
    else if (kind === "csv") io.write(csvText(rows.map((row) => ({ ...row }))));
    else {
      io.write(`${heading(base, variants)}\n\n`);
      for (const machine of hardware) {
        const own = rows.filter((row) => row.hardware === machine.id);
        io.write(`${machine.name} (${machine.id})${timedBy(own)}\n${comparisonText(own, attentions, io.columns)}\n`);
      }
      io.write(notesText(rows));
      if (options["verbose"] === true) io.write(rulesText(variants[0]?.model ?? base, rows));
    }
    return 0;
  },
};

/** Where times are calibrated, by what, and what stands behind ±. */
function timedBy([first]: readonly ComparedStep[]): string {
  if (first === undefined || first.timing === "roofline") return "";
  return `, ${timingWords(first)}; ± half of the 90 % interval`;
}

function heading(base: Model, variants: readonly { readonly attention: string; readonly model: Model }[]): string {
  const named = variants.map(({ attention, model }) => `${attention} (${describeAttention(model)})`);
  return `${base.name}: ${named.join(", ")}; the speed-up is over ${variants[0]?.attention}`;
}

function notesText(rows: readonly ComparedStep[]): string {
  return [...new Set(rows.flatMap((row) => row.notes))].map((note) => `note: ${note}\n`).join("");
}

function rulesText(model: Model, rows: readonly ComparedStep[]): string {
  const first = rows[0];
  return first === undefined ? "" : countingRules(model, { ...first, operations: [] });
}
