/** `ridgepoint fit`: the largest batch and the longest context that a model has room for on a machine. */
import type { Command } from "commander";
import type { NamedVariant } from "../../analysis/compare-variants.ts";
import { describeAttention } from "../../architecture/attention-variant.ts";
import type { Model } from "../../architecture/model.ts";
import type { LayoutLimits } from "../../planning/layout.ts";
import { type MemoryFitQuestion, type MemoryFitRow, memoryFit } from "../../planning/memory-fit.ts";
import { memoryFitNotes, roomElsewhere } from "../../planning/memory-fit-notes.ts";
import { parseNumberFormat } from "../../quantity/number-format.ts";
import { keptMemory } from "../../serving/kept-memory.ts";
import { engineIds } from "../../timing/execution-profile.ts";
import type { CliCommand, CommandIo, ExitCode } from "../command.ts";
import { numberList, wordList } from "../list-option.ts";
import type { MemoryFitDrawing } from "../memory-fit-charts.ts";
import { memoryFitText } from "../memory-fit-text.ts";
import { oneOf, positiveInteger, share } from "../number-option.ts";
import { addOutputOptions, csvText, jsonText, outputKind } from "../output.ts";
import {
  addModelOptions,
  machinesOf,
  type NotedModel,
  notedModelOf,
  type RawOptions,
  variantOf,
} from "../step-settings.ts";
import { chartFormatOf, writeChart } from "../write-chart.ts";

const usualAttentions = "mha,as-is,mqa";

export const fit: CliCommand = {
  configure(command: Command): void {
    addModelOptions(command)
      .option("-H, --hardware <list>", "hardware profiles or files", "h100-sxm")
      .option("-a, --attention <list>", `variants: mha, gqa:G, mqa, mla, as-is (${usualAttentions}, equal ones once)`)
      .option("--kv-cache <list>", "formats of keys and values", "bf16,fp8")
      .option("-c, --context <list>", "tokens of a request, for which the largest batch is asked", "2048..131072*4")
      .option("-b, --batch <list>", "requests at once, for which the longest context is asked", "1")
      .option("--weights <format>", "format of the weights (the model's published one, else bf16)")
      .option(
        "--engine <name>",
        "whose reserve and buffers: vllm, trt-llm, sglang, llama.cpp; ideal: the bare capacity",
      )
      .option("--tensor-parallel <n>", "devices that share each layer (1)")
      .option("--pipeline-parallel <n>", "stages of layers, one after the other (1)")
      .option("--expert-parallel <n>", "devices that share the experts (1)")
      .option("--devices <n>", "devices at most: the layout that holds the most requests of the first context")
      .option("--memory-share <x>", "share of the memory for weights and caches, in the place of what the engine keeps")
      .option("--window <w>", "sliding window in every layer: itself and the w - 1 tokens before")
      .option("--same-parameters", "widen the feed-forward networks so that the parameter count stays")
      .option("--chart <file>", "largest batch by context, as .svg, .png, .html or .vl.json; its folder is made")
      .option("--memory-chart <file>", "memory of a device by part, a bar a row, in the same formats");
    addOutputOptions(command);
    const verbose = command.options.find(({ long }) => long === "--verbose");
    if (verbose !== undefined) verbose.description = "also each part of what the engine keeps";
    command.addHelpText(
      "after",
      `
What fits into memory, not how fast it is (for speed: compare), and no fit of kernels (that is calibrate).
Counted on the device that is full first: weights, activations of the largest step, the engine's runtime, buffers,
fragments and reserve; the rest is room for caches, in whole pages. Windows keep their last rows, linear attention a
fixed state, latent attention one row a token on every device, K/V heads beyond their number are copied.
Without --engine it is vLLM, on Apple's machines llama.cpp. Contexts past the model's own are marked, not refused.
Lists as in compare: 1,16,64 or 2048..131072*2. Where no row holds one request of the shortest context: exit code 3.

Examples:
  ridgepoint fit --model llama-3.1-70b --hardware h100-sxm --tensor-parallel 4 --kv-cache bf16,fp8,int4
  ridgepoint fit --model llama-3.1-8b --engine ideal --context 8192 --batch 1,8,64 --json
  ridgepoint fit --model deepseek-v3 --hardware h200 --devices 8 --attention as-is,mqa --chart fit.svg
  ridgepoint fit --model gemma-3-27b --hardware h100-sxm,mi300x --attention as-is --memory-chart memory.png`,
    );
  },

  async run(options: RawOptions, _args, io: CommandIo): Promise<ExitCode> {
    const kind = outputKind(options);
    const charts = chartsOf(options);
    const base = await notedModelOf({ ...options, window: undefined }, "as-is");
    const question = await questionOf(options, base.model);
    const rows = memoryFit(question);
    const nothingFits = rows.every((row) => !row.fits);
    const notes = [...base.notes, ...memoryFitNotes(question, rows), ...(nothingFits ? roomElsewhere(question) : [])];
    if (kind === "json") io.write(jsonText({ rows, notes }));
    else if (kind === "csv") io.write(csvText(rows.flatMap(answers)));
    else io.write(tables(options, question, base, rows, notes, io.columns));
    await drawCharts(charts, question, base.model, rows, io);
    return nothingFits ? 3 : 0;
  },
};

/** What the command's charts are drawn of. */
export async function memoryFitDrawing(options: RawOptions): Promise<MemoryFitDrawing> {
  const { model } = await notedModelOf({ ...options, window: undefined }, "as-is");
  const question = await questionOf(options, model);
  return { model, hardware: question.hardware, rows: memoryFit(question) };
}

async function questionOf(options: RawOptions, base: Model): Promise<MemoryFitQuestion> {
  const { weights, engine, memoryShare } = options;
  return {
    variants: variantsOf(options, base),
    hardware: await machinesOf({ ...options, ceilings: undefined }),
    weights: weights === undefined ? null : parseNumberFormat(String(weights), "weights"),
    kvCaches: wordList("kvCache", options["kvCache"] ?? "bf16,fp8").map((id) => parseNumberFormat(id, "kvCache")),
    engine: engine === undefined ? null : oneOf("engine", engine, engineIds),
    memoryShare: memoryShare === undefined ? null : share("memoryShare", memoryShare),
    contexts: numberList("context", options["context"] ?? "2048..131072*4"),
    batches: numberList("batch", options["batch"] ?? 1),
    limits: limitsOf(options),
  };
}

/** Those asked for; else the usual ones, of which each that attends like one before it is left out. */
function variantsOf(options: RawOptions, base: Model): NamedVariant[] {
  const asked = options["attention"];
  const named = wordList("attention", asked ?? usualAttentions).map((attention) => ({
    ...{ attention, model: variantOf(base, options, attention) },
  }));
  if (asked !== undefined) return named;
  const asIs = describeAttention(variantOf(base, options, "as-is"));
  return named.filter(({ attention, model }) => attention === "as-is" || describeAttention(model) !== asIs);
}

function limitsOf(options: RawOptions): LayoutLimits {
  const devices = options["devices"] === undefined ? null : positiveInteger("devices", options["devices"]);
  const size = (field: string): readonly number[] | null => {
    const asked = options[field];
    if (asked !== undefined) return [positiveInteger(field, asked)];
    return devices === null ? [1] : null;
  };
  return {
    devices: devices ?? Number.POSITIVE_INFINITY,
    ...{ devicesPerNode: null, nodeLinkBytesPerSecond: null },
    tensor: size("tensorParallel"),
    pipeline: size("pipelineParallel"),
    expert: size("expertParallel"),
  };
}

function tables(
  options: RawOptions,
  { hardware, engine, memoryShare }: MemoryFitQuestion,
  { model }: NotedModel,
  rows: readonly MemoryFitRow[],
  notes: readonly string[],
  widthColumns: number,
): string {
  const variants = [...new Map(rows.map(({ attention, heads }) => [attention, heads]))];
  const weights = rows[0]?.weights === "published" ? (model.publishedWeights?.format ?? "bf16") : rows[0]?.weights;
  const texts = hardware.map((machine) =>
    memoryFitText({
      ...{ machine, kept: keptMemory(engine, machine), memoryShare, widthColumns },
      rows: rows.filter((row) => row.hardware === machine.id),
      verbose: options["verbose"] === true,
    }),
  );
  const named = variants.map(([attention, heads]) => `${attention} (${heads})`).join(", ");
  const said = notes.map((note) => `note: ${note}\n`).join("");
  return `${model.name}, weights ${weights}: ${named}\n\n${texts.join("\n")}${said}`;
}

/** CSV has a row an answer: a context with its largest batch, or a batch with its longest context. */
function answers(row: MemoryFitRow): Readonly<Record<string, unknown>>[] {
  const { largestBatches, longestContexts, parallelism, memory, refused, ...rest } = row;
  const parts = memory ?? noParts;
  const { missingBytes, fits, maxContext, ...names } = rest;
  const of = (answer: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> => ({
    ...{ ...names, parallelism, memory: parts, fits, missingBytes, maxContext, refused },
    ...{ question: null, context: null, batch: null, requestBytes: null, usableContext: null, ...answer },
  });
  if (refused !== null) return [of({})];
  return [
    ...largestBatches.map((answer) => of({ question: "largest batch", ...answer })),
    ...longestContexts.map((answer) => of({ question: "longest context", ...answer })),
  ];
}

const noParts = {
  ...{ weightBytes: null, activationBytes: null, runtimeBytes: null, collectiveBytes: null },
  ...{ fragmentationBytes: null, reserveBytes: null, roomBytes: null, capacityBytes: null },
};

interface AskedCharts {
  readonly chart: string | null;
  readonly memoryChart: string | null;
}

/** Checked before anything is computed. */
function chartsOf(options: RawOptions): AskedCharts {
  const path = (field: string): string | null => {
    const asked = options[field];
    if (asked === undefined) return null;
    chartFormatOf(field, String(asked));
    return String(asked);
  };
  return { chart: path("chart"), memoryChart: path("memoryChart") };
}

async function drawCharts(
  { chart, memoryChart }: AskedCharts,
  { hardware }: MemoryFitQuestion,
  model: Model,
  rows: readonly MemoryFitRow[],
  io: CommandIo,
): Promise<void> {
  if (chart === null && memoryChart === null) return;
  const { memoryFitChart, memoryFitPartsChart } = await import("../memory-fit-charts.ts");
  const drawing = { model, hardware, rows };
  if (chart !== null && rows.every((row) => !row.fits)) io.writeError("no chart drawn: nothing fits\n");
  else if (chart !== null) {
    await writeChart(memoryFitChart(drawing), chart);
    io.writeError(`wrote ${chart}\n`);
  }
  if (memoryChart !== null) {
    await writeChart(memoryFitPartsChart(drawing), memoryChart, "memoryChart");
    io.writeError(`wrote ${memoryChart}\n`);
  }
}
