/** `ridgepoint explain`: the formulas, with numbers put in, and where they lead. mathjs is loaded only once it runs. */
import type { Command } from "commander";
import type { ExplainedOperation } from "../../analysis/explain/explain-operations.ts";
import type { StepSetup } from "../../analysis/explain/step-parameters.ts";
import { predictStep, stepPredictor } from "../../analysis/predict-step.ts";
import { describeAttention } from "../../architecture/attention-variant.ts";
import { InvalidInput } from "../../quantity/invalid-input.ts";
import { nearestName } from "../../quantity/nearest-name.ts";
import { shortageText } from "../../reporting/shortage-text.ts";
import type { CliCommand, CommandIo, ExitCode } from "../command.ts";
import { derivativeText, operationsText, ratiosText, totalsText } from "../explanation-text.ts";
import { share } from "../number-option.ts";
import { addOutputOptions, csvText, jsonText, type OutputKind, outputKind } from "../output.ts";
import {
  addAttentionOption,
  addModelOptions,
  addPointOptions,
  addStepOptions,
  hardwareOf,
  modelOf,
  type RawOptions,
  stepOptionsOf,
  workloadOf,
} from "../step-settings.ts";

export const explain: CliCommand = {
  configure(command: Command): void {
    addPointOptions(addModelOptions(command), " (derivatives)")
      .option("--operation <name>", "only operations with this in their name or kind")
      .option("--ratio", "memory access over arithmetic, as in the multi-query paper, derived from the counts")
      .option(
        "--derivative <parameter>",
        "of the step's time by batch, context, bandwidth, peak, link, kv-bytes, weight-bytes, activation-bytes, kv-heads, head-dim, d-model or d-ff",
      );
    addOutputOptions(addStepOptions(addAttentionOption(command)));
    command.addHelpText(
      "after",
      `
Examples:
  ridgepoint explain --operation attention --batch 8 --context 4096
  ridgepoint explain --model deepseek-v3 --operation latent
  ridgepoint explain --ratio
  ridgepoint explain --derivative context --model llama-3.1-8b --batch 64
  ridgepoint explain --derivative kv-heads --json`,
    );
  },

  async run(options: RawOptions, _args, io: CommandIo): Promise<ExitCode> {
    const kind = outputKind(options);
    const asked = ["operation", "ratio", "derivative"].filter((name) => options[name] !== undefined);
    if (asked.length > 1) throw new InvalidInput(asked[1]!, `--${asked[1]}`, `not together with --${asked[0]}`);
    const calibrated = ["engine", "fit"].find((name) => options[name] !== undefined);
    if (calibrated !== undefined || options["timing"] === "calibrated") {
      throw new InvalidInput(
        calibrated ?? "timing",
        options[calibrated ?? "timing"],
        "explain derives the roofline's formulas",
      );
    }
    if (options["ratio"] === true) return await explainRatio(kind, io);
    const workload = workloadOf(options, options["batch"], options["context"]);
    const step = stepOptionsOf(options);
    const model = await modelOf(options);
    const setup: StepSetup = { model, options: step, workload };
    const heading = `${model.name}, ${describeAttention(model)}: ${step.phase}, batch ${workload.batch}, context ${workload.context}`;
    if (options["derivative"] !== undefined) return await explainDerivative(options, setup, heading, kind, io);
    return await explainStep(options, setup, heading, kind, io);
  },
};

async function explainRatio(kind: OutputKind, io: CommandIo): Promise<ExitCode> {
  const { memoryRatios } = await import("../../analysis/explain/memory-ratio.ts");
  const ratios = memoryRatios();
  if (kind === "json") io.write(jsonText({ cases: ratios }));
  else if (kind === "csv") {
    io.write(csvText(ratios.flatMap(({ name, ratio }) => ratio.map((term) => ({ case: name, ...term })))));
  } else io.write(ratiosText(ratios));
  return 0;
}

async function explainDerivative(
  options: RawOptions,
  setup: StepSetup,
  heading: string,
  kind: OutputKind,
  io: CommandIo,
): Promise<ExitCode> {
  const { timeDerivative } = await import("../../analysis/explain/time-derivative.ts");
  const hardware = await hardwareOf(options["hardware"], options);
  const result = timeDerivative(setup, hardware, String(options["derivative"]));
  const { fits, footprint, capacityBytes, limitBytes } = predictStep(
    stepPredictor(setup.model, hardware, {
      step: setup.options,
      memoryShare: share("memoryShare", options["memoryShare"] ?? 1),
    }),
    setup.workload,
  );
  const point = { batch: setup.workload.batch, context: setup.workload.context };
  if (kind === "json") io.write(jsonText({ model: setup.model.id, hardware: hardware.id, ...point, fits, ...result }));
  else if (kind === "csv") {
    io.write(
      csvText(result.operations.map(({ symbols: _, ...row }) => ({ parameter: result.parameter, ...row, fits }))),
    );
  } else {
    const shortage = shortageText(footprint.bytes, { capacityBytes, limitBytes });
    io.write(
      `${heading}, on ${hardware.name}\n${fits ? "" : `does not fit: ${shortage}; all times are what they would be if it did\n`}`,
    );
    io.write(derivativeText(result));
  }
  return fits ? 0 : 3;
}

async function explainStep(
  options: RawOptions,
  setup: StepSetup,
  heading: string,
  kind: OutputKind,
  io: CommandIo,
): Promise<ExitCode> {
  const { explainOperations } = await import("../../analysis/explain/explain-operations.ts");
  const explanation = explainOperations(setup);
  const operations = named(explanation.operations, options["operation"]);
  const point = { batch: setup.workload.batch, context: setup.workload.context };
  if (kind === "json") {
    const totals = options["operation"] === undefined ? explanation.totals : [];
    io.write(jsonText({ model: setup.model.id, ...point, operations, totals }));
  } else if (kind === "csv") {
    const rows = operations.flatMap(({ name, count, figures }) =>
      figures.map((figure) => ({ operation: name, count, ...figure })),
    );
    io.write(csvText(rows));
  } else {
    io.write(`${heading}\n\n${operationsText(operations)}`);
    if (options["operation"] === undefined) io.write(`\n${totalsText(explanation)}`);
  }
  return 0;
}

/** @throws InvalidInput where no operation of the step has this in its name or kind */
function named(operations: readonly ExplainedOperation[], asked: unknown): readonly ExplainedOperation[] {
  if (asked === undefined) return operations;
  const text = String(asked).toLowerCase();
  const found = operations.filter(
    ({ name, kind }) => name.toLowerCase().includes(text) || kind.toLowerCase().includes(text),
  );
  if (found.length > 0 && text !== "") return found;
  const names = operations.map(({ name }) => name);
  const nearest = nearestName(text, names);
  throw new InvalidInput(
    "operation",
    text,
    nearest === null ? `wants one of ${names.join(", ")}` : `did you mean ${nearest}?`,
  );
}
