/** What `ridgepoint measure` is asked for: the grid's rows in their order, how long to measure, and where to. */
import { availableParallelism } from "node:os";
import type { Command } from "commander";
import type { KernelBackend } from "../kernels/kernel.ts";
import { type GridRequest, gridRows, type LinearGrid, shuffledRows } from "../measurement/grid.ts";
import type { ElementwiseShape, GridRow } from "../measurement/measured-shape.ts";
import { type MeasurementKind, measurementKinds } from "../measurement/measurement-row.ts";
import { type ScaledModel, scaledModel } from "../measurement/scaled-model.ts";
import type { Temperature } from "../measurement/temperature.ts";
import { measuredFormats } from "../measurement/work-of-shape.ts";
import { InvalidInput } from "../quantity/invalid-input.ts";
import { nearestName } from "../quantity/nearest-name.ts";
import { backendNames } from "./backend-named.ts";
import { duration } from "./duration-option.ts";
import { numberList, wordList } from "./list-option.ts";
import { positiveInteger, positiveNumber } from "./number-option.ts";
import { addModelOptions, notedModelOf, type RawOptions } from "./step-settings.ts";

export interface MeasureGrid {
  /** In the order in which they are measured. */
  readonly rows: readonly GridRow[];
  readonly kinds: readonly MeasurementKind[];
  readonly backends: readonly { readonly name: KernelBackend["name"]; readonly threads: number | null }[];
  /** How the model of whole steps was scaled and read. */
  readonly notes: readonly string[];
}

export interface MeasureTiming {
  readonly perRowSeconds: number;
  readonly budgetSeconds: number | null;
  readonly precision: number;
}

const formatHelp = "f32, bf16, int8 (webgpu: also f16)";

export function addMeasureOptions(command: Command): Command {
  command
    .option("--kinds <list>", "attention, linear, elementwise, steps (all)")
    .option("--backend <list>", "wasm, webgpu, reference (wasm)")
    .option("--threads <list>", "threads of the processor (all)")
    .option("--heads <n>", "query heads of attention (8)")
    .option("--kv-heads <list>", "K/V heads, divisors of the heads: MHA, GQA, MQA (all, a quarter, 1)")
    .option("--head-dim <list>", "elements a head (128)")
    .option("-b, --batch <list>", "sequences of attention and steps (1)")
    .option("-c, --context <list>", "rows of keys and values a sequence (1024,8192,32768; steps: 1024,8192)")
    .option("--kv-cache <list>", `formats of keys and values: ${formatHelp} (all three; steps: bf16)`)
    .option("--weights <list>", `formats of weights: ${formatHelp} (all three; steps: bf16)`)
    .option("--linear <list>", "linear layers as inputs x outputs (the step's own, and 4096x4096)")
    .option("--rows <list>", "rows of a linear layer's and a small kernel's input (1,8)");
  return addModelOptions(command)
    .option("--layers <n>", "layers of a whole step at most (4)")
    .option("--d-model <n>", "width of a whole step's model at most (1024)")
    .option("--cold", "everything from memory, the small kernels too")
    .option("--warm", "everything as it lies after the run before: in caches, where it fits");
}

export function addMeasureTimingOptions(command: Command): Command {
  return command
    .option("--budget <time>", "for all rows together; none for no limit (100s)")
    .option("--per-row <time>", "the most that one row is timed for (3s)")
    .option("--precision <percent>", "half the width of the median's 95 % interval at which a row is done", "2")
    .option("--seed <n>", "of the order of the rows", "1");
}

export function measureTimingOf(options: RawOptions): MeasureTiming {
  const budget = options["budget"] ?? "100s";
  return {
    perRowSeconds: duration("perRow", options["perRow"] ?? "3s"),
    budgetSeconds: budget === "none" ? null : duration("budget", budget),
    precision: positiveNumber("precision", options["precision"] ?? 2) / 100,
  };
}

/** @throws InvalidInput naming the option */
export async function measureGridOf(options: RawOptions, lastCacheBytes: number): Promise<MeasureGrid> {
  const kinds = named("kinds", options["kinds"], measurementKinds, measurementKinds);
  const backends = backendsOf(options);
  const batches = numberList("batch", options["batch"] ?? "1");
  const rows = numberList("rows", options["rows"] ?? "1,8");
  const heads = positiveInteger("heads", options["heads"] ?? 8);
  const kvHeads = kvHeadsOf(options, heads);
  const { scaled, notes } = await stepModelOf(options, kinds);
  const { dModel, dFf, headDim } = scaled.dimensions;
  const attentionContexts = numberList("context", options["context"] ?? "1024,8192,32768");
  const request: GridRequest = {
    backends,
    temperature: temperatureOf(options),
    lastCacheBytes,
    attention: {
      formats: formatsOf("kvCache", options["kvCache"], ["fp32", "bf16", "int8"]),
      heads,
      kvHeads,
      headDims: numberList("headDim", options["headDim"] ?? "128"),
      batches,
      contexts: attentionContexts,
    },
    linear: {
      formats: formatsOf("weights", options["weights"], ["fp32", "bf16", "int8"]),
      rows,
      shapes: linearShapesOf(options, scaled),
    },
    elementwise: { shapes: smallKernels(dModel, dFf, headDim, scaled.dimensions.kvHeads), rows },
    steps: {
      models: kvHeads.map((count) => withVariant(scaled, count, heads)),
      weights: formatsOf("weights", options["weights"], ["bf16"]),
      kvCaches: formatsOf("kvCache", options["kvCache"], ["bf16"]),
      batches,
      contexts: numberList("context", options["context"] ?? "1024,8192"),
    },
  };
  const asked = Object.fromEntries(
    Object.entries(request).filter(([key]) => !isKind(key) || kinds.includes(key)),
  ) as unknown as GridRequest;
  const seed = positiveInteger("seed", options["seed"] ?? 1);
  const flat = backends.flatMap(({ name, threads }) => threads.map((count) => ({ name, threads: count })));
  return { rows: shuffledRows(gridRows(asked), seed), kinds, backends: flat, notes };
}

function isKind(word: string): word is MeasurementKind {
  return measurementKinds.some((kind) => kind === word);
}

function backendsOf(options: RawOptions): GridRequest["backends"] {
  const threads = numberList("threads", options["threads"] ?? String(availableParallelism()));
  const most = Math.max(...threads);
  if (most > 256) throw new InvalidInput("threads", most, "at most 256");
  return named("backend", options["backend"], backendNames, ["wasm"]).map((name) => ({
    name,
    // The reference runs on the calling thread, a GPU on none of these.
    threads: name === "wasm" ? threads : [name === "reference" ? 1 : null],
  }));
}

function kvHeadsOf(options: RawOptions, heads: number): number[] {
  const quarter = heads % 4 === 0 ? [heads / 4] : [];
  const given = options["kvHeads"];
  const list = given === undefined ? [...new Set([heads, ...quarter, 1])] : numberList("kvHeads", given);
  for (const count of list) {
    if (heads % count !== 0) throw new InvalidInput("kvHeads", count, `must divide heads ${heads}`);
  }
  return list;
}

async function stepModelOf(
  options: RawOptions,
  kinds: readonly MeasurementKind[],
): Promise<{ scaled: ScaledModel; notes: string[] }> {
  const { model, notes } = await notedModelOf(options, "as-is");
  const most = {
    dModel: positiveInteger("dModel", options["dModel"] ?? 1024),
    layers: positiveInteger("layers", options["layers"] ?? 4),
  };
  const scaled = scaledModel(model, most);
  const said = kinds.includes("steps") && scaled.note !== null ? [scaled.note] : [];
  return { scaled, notes: [...notes, ...said] };
}

/** The step's model with the variant that so many K/V heads are among the heads of the attention kernels. */
function withVariant({ dimensions }: ScaledModel, kvHeads: number, heads: number): ScaledModel["dimensions"] {
  const share = (dimensions.heads * kvHeads) / heads;
  const own = Number.isInteger(share) && dimensions.heads % share === 0 ? share : 1;
  return { ...dimensions, kvHeads: own };
}

function linearShapesOf(options: RawOptions, { dimensions }: ScaledModel): LinearGrid["shapes"] {
  const { dModel: d, dFf: f } = dimensions;
  const given = options["linear"];
  if (given === undefined) {
    return [
      { what: "output", k: d, n: d },
      { what: "up", k: d, n: dimensions.gated ? 2 * f : f },
      { what: "down", k: f, n: d },
      { what: "square", k: 4096, n: 4096 },
    ];
  }
  return wordList("linear", given).map((word) => {
    const [, k, n] = /^(\d+)x(\d+)$/i.exec(word) ?? [];
    if (k === undefined || n === undefined) throw new InvalidInput("linear", word, "wants inputs x outputs: 1024x4096");
    return { what: "", k: positiveInteger("linear", k), n: positiveInteger("linear", n) };
  });
}

type SmallKernel = Omit<ElementwiseShape, "kind" | "rows">;

function smallKernels(dModel: number, dFf: number, headDim: number, kvHeads: number): SmallKernel[] {
  const kernel = (op: SmallKernel["op"], features: number, dtype = "fp32"): SmallKernel => ({
    op,
    dtype,
    features,
    headDim: op === "rotary-embedding" ? headDim : null,
    gated: op === "feed-forward-activation" ? true : null,
  });
  const cachedRow = 2 * kvHeads * headDim;
  return [
    kernel("normalization", dModel),
    kernel("rotary-embedding", dModel),
    kernel("feed-forward-activation", dFf),
    kernel("residual", dModel),
    kernel("cache-append", cachedRow),
    kernel("cache-append", cachedRow, "bf16"),
  ];
}

function temperatureOf(options: RawOptions): Temperature {
  const [cold, warm] = [options["cold"] === true, options["warm"] === true];
  if (cold && warm) throw new InvalidInput("warm", "--warm", "--cold or --warm, not both");
  return cold ? "cold" : warm ? "warm" : "auto";
}

const spellings: Readonly<Record<string, string>> = { f32: "fp32", f16: "fp16", i8: "int8" };

/** Formats as tables name them. */
function formatsOf(field: string, given: unknown, usual: readonly string[]): readonly string[] {
  if (given === undefined) return usual;
  const words = wordList(field, given).map((word) => spellings[word.toLowerCase()] ?? word.toLowerCase());
  return named(field, words.join(","), measuredFormats, usual);
}

/** Words of a list, each one of those known. */
function named<Word extends string>(
  field: string,
  given: unknown,
  known: readonly Word[],
  usual: readonly Word[],
): readonly Word[] {
  if (given === undefined) return usual;
  return wordList(field, given).map((word) => {
    const found = known.find((each) => each === word);
    if (found !== undefined) return found;
    const nearest = nearestName(word, known);
    const hint = nearest === null ? "" : `; did you mean ${nearest}?`;
    throw new InvalidInput(field, word, `wants ${known.join(", ")}${hint}`);
  });
}
