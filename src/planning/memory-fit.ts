/**
 * What fits: for each machine, attention variant and cache format the memory of a device by part, the largest batch at each context
 * and the longest context of each batch. Times play no part.
 *   bytes a token     of all layers' keys and values, windows disregarded; a latent row is held whole on each device, K/V heads beyond
 *                     their number are copied
 *   state             what a request takes whatever its context: linear attention's matrices
 *   usable context    the lesser of what memory allows and what the model was made for
 */
import type { NamedVariant } from "../analysis/compare-variants.ts";
import { stepPredictor } from "../analysis/predict-step.ts";
import { describeAttention } from "../architecture/attention-variant.ts";
import { cacheElementsPerToken, modelCacheElementsPerToken } from "../architecture/cache-row.ts";
import type { Model } from "../architecture/model.ts";
import { dataParallelGroups, deviceCount, type Parallelism, shardModel, singleDevice } from "../architecture/shard.ts";
import type { Hardware } from "../hardware/hardware.ts";
import { InvalidInput } from "../quantity/invalid-input.ts";
import type { NumberFormat } from "../quantity/number-format.ts";
import { type KeptMemory, keptMemory } from "../serving/kept-memory.ts";
import type { MemoryParts } from "../serving/replica-memory.ts";
import { servingFormats } from "../serving/serving-formats.ts";
import { type FootprintPlan, footprintOf } from "../step/footprint.ts";
import type { EngineId } from "../timing/execution-profile.ts";
import { type Layout, type LayoutLimits, layoutsOf } from "./layout.ts";
import { type MemoryLimits, memoryLimits } from "./memory-limits.ts";

export interface MemoryFitQuestion {
  readonly variants: readonly NamedVariant[];
  readonly hardware: readonly Hardware[];
  /** Null: the format that the model is published in. */
  readonly weights: NumberFormat | null;
  /** Null: the engine's own choice. */
  readonly kvCaches: readonly (NumberFormat | null)[];
  /** Null: vLLM, on Apple's machines llama.cpp; "ideal" keeps nothing for itself. */
  readonly engine: EngineId | null;
  /** Share of the capacity that weights and caches may fill, in the place of what the engine keeps. */
  readonly memoryShare: number | null;
  readonly contexts: readonly number[];
  readonly batches: readonly number[];
  /** Of several layouts the one that holds the most requests of the first context, then the one on fewer devices. */
  readonly limits: LayoutLimits;
}

export interface LargestBatchAt {
  readonly context: number;
  /** A request's cache on the device that is full first, in whole pages. */
  readonly requestBytes: number;
  /** Null where memory sets no limit. */
  readonly batch: number | null;
}

export interface LongestContextOf {
  readonly batch: number;
  /** Tokens a request that memory has room for; 0 where there is none, null where memory sets no limit. */
  readonly context: number | null;
  /** The same, at most what the model was made for; null where neither sets a limit. */
  readonly usableContext: number | null;
}

export interface MemoryFitRow {
  readonly model: string;
  readonly hardware: string;
  readonly engine: KeptMemory["id"];
  readonly attention: string;
  /** What the decoder attends with: "GQA 64/8". */
  readonly heads: string;
  /** "published", or the format. */
  readonly weights: string;
  readonly kvCache: string;
  readonly parallelism: Parallelism & { readonly devices: number };
  /** Why this variant can't be had so; all figures are null then, and no lists. */
  readonly refused: string | null;
  /** Of the whole model, and of the device that holds the most of it. */
  readonly cacheBytesPerToken: number | null;
  readonly deviceCacheBytesPerToken: number | null;
  readonly stateBytes: number | null;
  /** Of the device that is full first with requests of the shortest context; roomBytes below 0 where the rest alone does not fit. */
  readonly memory: (MemoryParts & { readonly roomBytes: number; readonly capacityBytes: number }) | null;
  /** Whether one request of the shortest context fits; what that device lacks where it does not. */
  readonly fits: boolean;
  readonly missingBytes: number | null;
  readonly maxContext: number | null;
  readonly largestBatches: readonly LargestBatchAt[];
  readonly longestContexts: readonly LongestContextOf[];
}

const mostAnswers = 100_000;

/**
 * A row a machine, variant and cache format, in that order.
 * @throws InvalidInput for an empty list, more than 100,000 answers, and where no row at all can be had
 * @example Llama-3.1-8B, bf16, on an H100 with the ideal engine: 131,072 bytes a token, 64 requests of 8192 tokens
 */
export function memoryFit(question: MemoryFitQuestion): MemoryFitRow[] {
  const { variants, hardware, kvCaches } = question;
  checkSize(question);
  const rows = hardware.flatMap((machine) =>
    variants.flatMap((variant) => kvCaches.map((format) => fitRow(question, machine, variant, format))),
  );
  if (rows.every((row) => row.refused !== null)) throw refusalOf(question, rows);
  return rows;
}

/** The error of the first row in its own words. */
function refusalOf({ variants, limits }: MemoryFitQuestion, [row]: readonly MemoryFitRow[]): InvalidInput {
  const [variant] = variants;
  try {
    if (variant !== undefined && row !== undefined) shardModel(variant.model, row.parallelism);
  } catch (error) {
    if (error instanceof InvalidInput) return error;
    throw error;
  }
  const isOverLimit = row?.parallelism.devices === 1;
  return isOverLimit
    ? new InvalidInput("devices", limits.devices, "the layout takes more")
    : new InvalidInput("hardware", row?.hardware, row?.refused ?? "has no layout for it");
}

function fitRow(
  question: MemoryFitQuestion,
  machine: Hardware,
  variant: NamedVariant,
  format: NumberFormat | null,
): MemoryFitRow {
  const { model } = variant;
  const kept = keptMemory(question.engine, machine);
  const { layouts, refused } = layoutsOf(model, machine, question.limits);
  let best: MemoryFitRow | null = null;
  for (const layout of layouts) {
    const row = rowOf(question, variant, kept, layout, format);
    if (best === null || isRoomier(row, best)) best = row;
  }
  if (best !== null) return best;
  const parallelism = refused[0]?.parallelism ?? singleDevice;
  const reason = refused[0]?.reason ?? `the layout takes more than ${question.limits.devices} devices`;
  return {
    ...named(question, variant, kept, machine, format),
    parallelism: { ...parallelism, devices: deviceCount(parallelism) },
    ...{ refused: reason, fits: false },
    ...{ cacheBytesPerToken: null, deviceCacheBytesPerToken: null, stateBytes: null, memory: null, missingBytes: null },
    ...{ largestBatches: [], longestContexts: [] },
  };
}

function named(
  { weights }: MemoryFitQuestion,
  { attention, model }: NamedVariant,
  { id, cacheFormat }: KeptMemory,
  machine: Hardware,
  format: NumberFormat | null,
): Pick<MemoryFitRow, "model" | "hardware" | "engine" | "attention" | "heads" | "weights" | "kvCache" | "maxContext"> {
  const formats = servingFormats(model, { weights, kvCache: format }, cacheFormat, machine);
  return {
    ...{ model: model.id, hardware: machine.id, engine: id, attention, heads: describeAttention(model) },
    weights: weights?.id ?? (model.publishedWeights === null ? "bf16" : "published"),
    ...{ kvCache: formats.kvCache.id, maxContext: model.maxContext },
  };
}

function rowOf(
  question: MemoryFitQuestion,
  variant: NamedVariant,
  kept: KeptMemory,
  { hardware, parallelism, devices }: Layout,
  format: NumberFormat | null,
): MemoryFitRow {
  const { model } = variant;
  const { weights, contexts, batches } = question;
  const formats = servingFormats(model, { weights, kvCache: format }, kept.cacheFormat, hardware);
  const step = { ...formats, parallelism };
  const decode = stepPredictor(model, hardware, { step });
  const limits = memoryLimits({
    ...{ decode, prefill: stepPredictor(model, hardware, { step: { ...step, phase: "prefill" } }) },
    ...{ hardware, engine: kept.memory, stepTokens: kept.stepTokens },
    maxSequences: kept.memory.maxSequences * dataParallelGroups(parallelism),
    // An engine that keeps nothing is asked for the bare capacity: its activations are left out too.
    memoryShare: question.memoryShare ?? (kept.id === "ideal" ? 1 : null),
  });
  const shortest = Math.min(...contexts);
  const { parts, roomBytes, capacityBytes, requestBytes } = limits.tightest(shortest);
  const lacking = requestBytes(shortest) - roomBytes;
  const kvBytes = formats.kvCache.bits / 8;
  return {
    ...named(question, variant, kept, hardware, format),
    parallelism: { ...parallelism, devices },
    refused: null,
    cacheBytesPerToken: modelCacheElementsPerToken(model) * kvBytes,
    deviceCacheBytesPerToken: stageElementsPerToken(decode.footprintPlan) * kvBytes,
    stateBytes: footprintOf(decode.footprintPlan, { batch: 1, context: 0 }).cacheBytes,
    memory: { ...parts, roomBytes, capacityBytes },
    fits: lacking <= 0,
    missingBytes: lacking > 0 ? lacking : null,
    largestBatches: contexts.map((context) => ({
      context,
      requestBytes: limits.tightest(context).requestBytes(context),
      batch: limits.largestBatch(context),
    })),
    longestContexts: batches.map((batch) => longestContext(limits, model, batch)),
  };
}

function longestContext(limits: MemoryLimits, { maxContext }: Model, batch: number): LongestContextOf {
  const context = limits.longestContext(batch);
  const least = Math.min(context ?? Number.POSITIVE_INFINITY, maxContext ?? Number.POSITIVE_INFINITY);
  return { batch, context, usableContext: Number.isFinite(least) ? least : null };
}

/** Elements that a token adds to the caches of the stage that holds the most of them. */
function stageElementsPerToken({ stages }: FootprintPlan): number {
  const of = stages.map(({ layers }) =>
    layers.reduce((sum, [layer, count]) => sum + count * cacheElementsPerToken(layer.attention), 0),
  );
  return Math.max(...of);
}

/** More requests of the first context, then a longer one of one request, then less that is missing. */
function isRoomier(a: MemoryFitRow, b: MemoryFitRow): boolean {
  const figures = [a, b].map(({ largestBatches: [first], longestContexts: [longest], memory }) => [
    first === undefined ? 0 : (first.batch ?? Number.POSITIVE_INFINITY),
    longest === undefined ? 0 : (longest.context ?? Number.POSITIVE_INFINITY),
    memory?.roomBytes ?? Number.NEGATIVE_INFINITY,
  ]);
  const [own = [], other = []] = figures;
  if (own[0] !== other[0]) return own[0]! > other[0]!;
  if (own[1] !== other[1]) return own[1]! > other[1]!;
  return !a.fits && own[2]! > other[2]!;
}

function checkSize({ variants, hardware, kvCaches, contexts, batches }: MemoryFitQuestion): void {
  const lists = { attention: variants, hardware, kvCache: kvCaches, context: contexts, batch: batches };
  for (const [field, list] of Object.entries(lists)) {
    if (list.length === 0) throw new InvalidInput(field, "", "wants at least one");
  }
  const answers = variants.length * hardware.length * kvCaches.length * (contexts.length + batches.length);
  if (answers > mostAnswers)
    throw new InvalidInput("context", `${answers} answers in all`, "fit takes at most 100,000");
}
