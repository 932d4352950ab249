/** What `ridgepoint measure` is asked for: the grid's rows in their order, how long to measure, and where to. */
import type { Command } from "commander";
import type { KernelBackend } from "../kernels/kernel.ts";
import { type GridRequest, gridRows, type LinearGrid, shuffledRows } from "../measurement/grid.ts";
import type { GridRow } from "../measurement/measured-shape.ts";
import { type MeasuredKind, measuredKinds } from "../measurement/measurement-row.ts";
import { type ScaledModel, scaledModel } from "../measurement/scaled-model.ts";
import { stepKernels } from "../measurement/step-kernels.ts";
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
  readonly kinds: readonly MeasuredKind[];
  readonly backends: readonly { readonly name: KernelBackend["name"]; readonly threads: number | null }[];
  /** How the model of whole steps was scaled and read, and what is not measured as asked. */
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
    .option(
      "--kv-heads <list>",
      "K/V heads, divisors of the heads: MHA, GQA, MQA (all, a quarter, 1; steps: the model's own too)",
    )
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
    .option("--cold", "everything from memory, the small kernels too, as far as 8192 copies go")
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

/** What the machine sets: bytes of the last cache, and threads that this process may use. */
export interface MeasureLimits {
  readonly lastCacheBytes: number;
  readonly usableThreads: number;
}

/** @throws InvalidInput naming the option */
export async function measureGridOf(options: RawOptions, limits: MeasureLimits): Promise<MeasureGrid> {
  const { lastCacheBytes, usableThreads } = limits;
  const kinds = named("kinds", options["kinds"], measuredKinds, measuredKinds);
  const backends = backendsOf(options, usableThreads);
  const batches = numberList("batch", options["batch"] ?? "1");
  const rows = numberList("rows", options["rows"] ?? "1,8");
  const heads = positiveInteger("heads", options["heads"] ?? 8);
  const kvHeads = kvHeadsOf(options, heads);
  const { scaled, notes } = await stepModelOf(options, kinds);
  const kernels = stepKernels(scaled.dimensions);
  const temperature = temperatureOf(options);
  const attentionContexts = numberList("context", options["context"] ?? "1024,8192,32768");
  const request: GridRequest = {
    backends,
    temperature,
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
      shapes: linearShapesOf(options, kernels.linear),
    },
    elementwise: { shapes: kernels.elementwise, rows },
    steps: {
      models: stepVariants(options, scaled, heads).map((count) => ({ ...scaled.dimensions, kvHeads: count })),
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
  const made = gridRows(asked);
  const said = [...notes, ...temperatureNotes(made, temperature), ...formatNotes(backends)];
  return { rows: shuffledRows(made, seed), kinds, backends: flat, notes: said };
}

function temperatureNotes(rows: readonly GridRow[], asked: Temperature): string[] {
  const warm = asked === "cold" ? rows.filter(({ cold }) => !cold).length : 0;
  const are = warm === 1 ? "row is" : "rows are";
  return warm === 0 ? [] : [`${warm} ${are} too small to be measured cold and measured warm: cold is 0 there`];
}

function formatNotes(backends: GridRequest["backends"]): string[] {
  const hasReference = backends.some(({ name }) => name === "reference");
  return hasReference ? ["the reference computes in float64 whatever formats are asked for: its rows say bits:64"] : [];
}

function isKind(word: string): word is MeasuredKind {
  return measuredKinds.some((kind) => kind === word);
}

function backendsOf(options: RawOptions, usableThreads: number): GridRequest["backends"] {
  const threads = numberList("threads", options["threads"] ?? String(usableThreads));
  const most = threads.reduce((largest, count) => Math.max(largest, count), 0);
  if (most > usableThreads) throw new InvalidInput("threads", most, `this process may use ${usableThreads}`);
  return named("backend", options["backend"], backendNames, ["wasm"]).map((name) => ({
    name,
    // The reference runs on the calling thread, a GPU on none of these.
    threads: name === "wasm" ? threads : [name === "reference" ? 1 : null],
  }));
}

function kvHeadsOf(options: RawOptions, heads: number): number[] {
  const given = options["kvHeads"];
  const list = given === undefined ? [...new Set([heads, ...quarterOf(heads), 1])] : numberList("kvHeads", given);
  for (const count of list) {
    if (heads % count !== 0) throw new InvalidInput("kvHeads", count, `must divide heads ${heads}`);
  }
  return list;
}

async function stepModelOf(
  options: RawOptions,
  kinds: readonly MeasuredKind[],
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

/**
 * K/V heads of the steps' models: one for each head (MHA), the model's own, a quarter and one (MQA); of a list that was given,
 * the same shares of the model's heads.
 */
function stepVariants(options: RawOptions, { dimensions }: ScaledModel, attentionHeads: number): number[] {
  const { heads, kvHeads } = dimensions;
  if (options["kvHeads"] === undefined) return [...new Set([heads, kvHeads, ...quarterOf(heads), 1])];
  const shares = kvHeadsOf(options, attentionHeads).map((count) => (heads * count) / attentionHeads);
  return [...new Set(shares.map((share) => (Number.isInteger(share) && heads % share === 0 ? share : 1)))];
}

function quarterOf(heads: number): number[] {
  return heads % 4 === 0 ? [heads / 4] : [];
}

function linearShapesOf(options: RawOptions, own: LinearGrid["shapes"]): LinearGrid["shapes"] {
  const given = options["linear"];
  if (given === undefined) return [...own, { what: "square", k: 4096, n: 4096 }];
  return wordList("linear", given).map((word) => {
    const [, k, n] = /^(\d+)x(\d+)$/i.exec(word) ?? [];
    if (k === undefined || n === undefined) throw new InvalidInput("linear", word, "wants inputs x outputs: 1024x4096");
    return { what: "", k: positiveInteger("linear", k), n: positiveInteger("linear", n) };
  });
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
