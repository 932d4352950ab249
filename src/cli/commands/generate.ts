/** `ridgepoint generate`: one request (or a batch of equal ones) from the prompt to the last token. */
import type { Command } from "commander";
import { type GenerationPrediction, generateRequest } from "../../analysis/generate-request.ts";
import { predictStep, stepPredictor } from "../../analysis/predict-step.ts";
import type { Model } from "../../architecture/model.ts";
import type { Hardware } from "../../hardware/hardware.ts";
import { InvalidInput } from "../../quantity/invalid-input.ts";
import type { CliCommand, CommandIo, ExitCode } from "../command.ts";
import { countingRules } from "../counting-rules.ts";
import { generationText } from "../generation-text.ts";
import { workloadSize } from "../number-option.ts";
import { addOutputOptions, csvText, jsonText, outputKind } from "../output.ts";
import {
  addAttentionOption,
  addModelOptions,
  addStepOptions,
  hardwareOf,
  modelOf,
  predictorOptionsOf,
  type RawOptions,
} from "../step-settings.ts";
import { chartFormatOf, writeChart } from "../write-chart.ts";

/** Options of a single step that a whole request decides by itself. */
const decidedByRequest = ["queryTokens", "sourceContext", "phase"];

export const generate: CliCommand = {
  configure(command: Command): void {
    addModelOptions(command)
      .option("-H, --hardware <id>", "hardware profile or a file", "h100-sxm")
      .option("-b, --batch <n>", "equal requests served together", "1")
      .option("--input <n>", "tokens of a prompt", "1000")
      .option("--output <n>", "tokens generated a request, the first among them", "300")
      .option(
        "--chart <file>",
        "step time and memory by token, as .svg, .png, .html or .vl.json; its folder is made where missing",
      );
    addOutputOptions(addStepOptions(addAttentionOption(command)));
    for (const option of command.options) if (decidedByRequest.includes(option.attributeName())) option.hideHelp();
    command.addHelpText(
      "after",
      `
Definitions, for N input and M output tokens:
  TTFT        time to first token: the prefill over the N tokens, which yields token 1
  decode      step i = 1 ... M - 1 yields token i + 1 at context N + i
  TPOT        time per output token; it leaves the first token out: (end to end - TTFT) / (M - 1)
  end to end  the prefill and all decode steps
  tokens/s    batch x M / end to end
  memory      weights and cache after the last step; where that is more than there is, the exit code is 3
An encoder-decoder's prefill is its encoder: decode step i = 1 ... M yields token i at context i, and TTFT is
the encoder and the first decode step.

Examples:
  ridgepoint generate --model llama-3.1-8b --input 1000 --output 300 --batch 8
  ridgepoint generate --model llama-3.1-70b --tensor-parallel 4 --input 8000 --output 1000 --json
  ridgepoint generate --attention mqa --batch 32 --chart request.svg`,
    );
  },

  async run(options: RawOptions, _args, io: CommandIo): Promise<ExitCode> {
    const kind = outputKind(options);
    refuseStepOptions(options);
    const chart = options["chart"] === undefined ? null : String(options["chart"]);
    if (chart !== null) chartFormatOf("chart", chart);
    const settings = await predictorOptionsOf(options);
    const request = {
      batch: workloadSize("batch", options["batch"]),
      beams: workloadSize("beams", options["beams"] ?? 1),
      inputTokens: workloadSize("input", options["input"]),
      outputTokens: workloadSize("output", options["output"]),
    };
    const model = await modelOf(options);
    const machine = await hardwareOf(options["hardware"], options);
    const prediction = generateRequest(model, machine, request, settings);
    if (kind === "json") io.write(jsonText({ ...prediction, attention: String(options["attention"] ?? "as-is") }));
    else if (kind === "csv") io.write(csvText(prediction.steps.map((step) => ({ ...step }))));
    else {
      io.write(generationText(prediction, model, machine));
      if (options["verbose"] === true) {
        const first = { batch: request.batch, context: request.inputTokens };
        io.write(countingRules(model, predictStep(stepPredictor(model, machine, settings), first)));
      }
    }
    if (chart !== null) await drawChart(prediction, model, machine, chart, io);
    return prediction.fits ? 0 : 3;
  },
};

function refuseStepOptions(options: RawOptions): void {
  if (options["queryTokens"] !== undefined) {
    throw new InvalidInput(
      "queryTokens",
      options["queryTokens"],
      "generate decodes one token a step; see `ridgepoint step`",
    );
  }
  if (options["sourceContext"] !== undefined) {
    throw new InvalidInput("sourceContext", options["sourceContext"], "generate takes it from --input");
  }
  if ((options["phase"] ?? "decode") !== "decode") {
    throw new InvalidInput("phase", options["phase"], "generate runs both phases; see `ridgepoint step`");
  }
}

async function drawChart(
  prediction: GenerationPrediction,
  model: Model,
  machine: Hardware,
  path: string,
  io: CommandIo,
): Promise<void> {
  if (!prediction.fits) {
    io.writeError("no chart drawn: the request does not fit\n");
    return;
  }
  const { generationChart } = await import("../generation-chart.ts");
  await writeChart(generationChart(prediction, model, machine), path);
  io.writeError(`wrote ${path}\n`);
}
