/**
 * Decode attention laid out for assembly/attention.ts. Keys and values lie as [B, Hkv, rows, D], so that a task reads one
 * stretch of memory; queries as [B, Hkv, Q · Hq / Hkv, D], multiplied by log2(e) / √D.
 */
import type { AttentionWork } from "../kernel.ts";
import { type RowSpan, rowsPerTask, spansOf, visibleSpan } from "./attention-spans.ts";
import type { MemoryView } from "./memory-view.ts";
import { formatNumbers, paddedElements, rowBytes, storeRow, type WasmFormat } from "./stored-rows.ts";
import { kernelNumbers, MemoryLayout, roundUp, type WasmJob, writeWords } from "./wasm-job.ts";

/** Rows of a block at most, and elements of one that is widened (assembly/attention-each-query.ts, attention-by-fours.ts). */
const mostRows = 64;
const widenedElements = 5120;

/** What a task's addresses follow from; keys, values and queries themselves may be put in place by other kernels. */
export type AttentionShape = Omit<AttentionWork, "kind" | "queries" | "keys" | "values">;

export interface RowPlaces {
  /** Per sequence: its first key, value and scale rows; those of K/V head h are h · context rows on. */
  readonly keys: readonly number[];
  readonly values: readonly number[];
  readonly keyScales: readonly number[];
  readonly valueScales: readonly number[];
}

/** What changes with the rows' places. */
export interface TablePlaces {
  readonly spans: readonly (readonly RowSpan[])[];
  readonly sinks: number;
  readonly ranges: number;
  readonly tasks: number;
  readonly pairs: number;
}

/** What kernels that run one after the other may share. */
export interface BufferPlaces {
  readonly queries: number;
  readonly outputs: number;
  readonly partials: number;
  readonly scratch: number;
}

export type AttentionPlaces = RowPlaces & TablePlaces & BufferPlaces;

export function attentionJob(work: AttentionWork, format: WasmFormat, threads: number): WasmJob {
  const layout = new MemoryLayout();
  const places = {
    ...rowPlaces(work, format, layout),
    ...tablePlaces(work, threads, layout),
    ...bufferPlaces(work, threads, layout),
  };
  return {
    bytes: layout.bytes,
    parallel: true,
    after: isSplit(work, places),
    fill(view) {
      fillRows(view, work, format, places);
      fillQueries(view, work, places);
      fillTables(view, work, format, places);
      writeWords(view, attentionWords(work, format, places));
    },
    output: (view) => outputOf(view, work, places),
  };
}

/** Words of the job, for assembly/attention.ts. */
export function attentionWords(work: AttentionShape, format: WasmFormat, places: AttentionPlaces): number[] {
  const { paddedDim, queries, scratchBytes } = shapeOf(work);
  const pairCount = work.contexts.length * work.kvHeads;
  const tables = [taskCount(work, places), places.tasks, places.scratch, scratchBytes, rowBytes(format, work.headDim)];
  return [kernelNumbers.attention, formatNumbers[format], paddedDim, queries, ...tables, pairCount, places.pairs];
}

function taskCount(work: AttentionShape, { spans }: TablePlaces): number {
  return spans.reduce((sum, own) => sum + own.length, 0) * work.kvHeads;
}

/** Whether some pair's rows are more than one task's, so that their partial results are joined afterwards. */
export function isSplit(work: AttentionShape, places: TablePlaces): boolean {
  return taskCount(work, places) > work.contexts.length * work.kvHeads;
}

function shapeOf(work: AttentionShape) {
  const paddedDim = paddedElements(work.headDim);
  const queries = (work.heads / work.kvHeads) * work.queryTokens;
  const padded = queries === 1 ? 8 : roundUp(queries, 4);
  const byFours = (padded * paddedDim + mostRows * padded + Math.max(widenedElements, 8 * paddedDim)) * 4;
  const each = mostRows * 6 + paddedDim * 4 + queries * (paddedDim * 2 + 4);
  const scratchBytes = roundUp(Math.max(byFours, each), 128);
  return { paddedDim, queries, padded, scratchBytes, partialBytes: roundUp(4 * padded * (paddedDim + 2), 64) };
}

export function rowPlaces(work: AttentionShape, format: WasmFormat, layout: MemoryLayout): RowPlaces {
  const { contexts, kvHeads } = work;
  const stored = rowBytes(format, work.headDim);
  const scales = (context: number): number => layout.take(format === "int8" ? kvHeads * context * 4 : 0);
  return {
    keys: contexts.map((context) => layout.take(kvHeads * context * stored)),
    values: contexts.map((context) => layout.take(kvHeads * context * stored)),
    keyScales: contexts.map(scales),
    valueScales: contexts.map(scales),
  };
}

export function tablePlaces(work: AttentionShape, threads: number, layout: MemoryLayout): TablePlaces {
  const { contexts, kvHeads, queryTokens } = work;
  const { queries } = shapeOf(work);
  const spans = contexts.map((context) => spansOf(work, context, rowsPerTask(work, threads)));
  const tasks = spans.reduce((sum, own) => sum + own.length, 0) * kvHeads;
  return {
    spans,
    sinks: layout.take(kvHeads * queries * 4),
    ranges: layout.take(queryTokens > 1 ? contexts.length * queries * 8 : 0),
    tasks: layout.take(tasks * 64),
    pairs: layout.take(contexts.length * kvHeads * 32),
  };
}

export function bufferPlaces(work: AttentionShape, threads: number, layout: MemoryLayout): BufferPlaces {
  const { paddedDim, queries, scratchBytes, partialBytes } = shapeOf(work);
  const pairs = work.contexts.length * work.kvHeads;
  const spans = work.contexts.map((context) => spansOf(work, context, rowsPerTask(work, threads)));
  const tasks = spans.reduce((sum, own) => sum + own.length, 0) * work.kvHeads;
  return {
    queries: layout.take(pairs * queries * paddedDim * 4),
    outputs: layout.take(pairs * queries * paddedDim * 4),
    partials: layout.take(tasks * partialBytes),
    scratch: layout.take(threads * scratchBytes),
  };
}

function fillRows(view: MemoryView, work: AttentionWork, format: WasmFormat, places: RowPlaces): void {
  const { kvHeads, headDim, capacity } = work;
  const stored = rowBytes(format, headDim);
  work.contexts.forEach((context, s) => {
    for (let head = 0; head < kvHeads; head++) {
      for (let row = 0; row < context; row++) {
        const from = ((s * capacity + row) * kvHeads + head) * headDim;
        const to = head * context + row;
        const at = (start: readonly number[], bytes: number): number => (start[s] as number) + to * bytes;
        storeRow(view, format, work.keys, from, headDim, at(places.keys, stored), at(places.keyScales, 4));
        storeRow(view, format, work.values, from, headDim, at(places.values, stored), at(places.valueScales, 4));
      }
    }
  });
}

/** Where query head `head` of a token stands among its pair's queries, in elements from the first of all. */
function queryOffset(work: AttentionWork, sequence: number, token: number, head: number): number {
  const group = work.heads / work.kvHeads;
  const pair = sequence * work.kvHeads + Math.floor(head / group);
  return (pair * group * work.queryTokens + token * group + (head % group)) * paddedElements(work.headDim);
}

function fillQueries(view: MemoryView, work: AttentionWork, places: AttentionPlaces): void {
  const { heads, headDim, queryTokens } = work;
  const scale = Math.LOG2E / Math.sqrt(headDim);
  for (let s = 0; s < work.contexts.length; s++) {
    for (let token = 0; token < queryTokens; token++) {
      for (let head = 0; head < heads; head++) {
        const from = ((s * queryTokens + token) * heads + head) * headDim;
        const at = places.queries / 4 + queryOffset(work, s, token, head);
        for (let i = 0; i < headDim; i++) view.f32[at + i] = (work.queries[from + i] as number) * scale;
        view.f32.fill(0, at + headDim, at + paddedElements(headDim));
      }
    }
  }
}

/** The tables of tasks and pairs, and the sinks. */
export function fillTables(view: MemoryView, work: AttentionShape, format: WasmFormat, places: AttentionPlaces): void {
  const { kvHeads, queryTokens } = work;
  const { paddedDim, queries, partialBytes } = shapeOf(work);
  const group = work.heads / kvHeads;
  const stored = rowBytes(format, work.headDim);
  const queryBytes = queries * paddedDim * 4;
  let task = 0;
  work.contexts.forEach((context, s) => {
    const spans = places.spans[s] as readonly RowSpan[];
    const ranges = queryTokens > 1 ? places.ranges + s * queries * 8 : 0;
    for (let q = 0; q < queries && ranges > 0; q++) {
      view.words.set(visibleSpan(work, context, Math.floor(q / group)), ranges / 4 + 2 * q);
    }
    for (let head = 0; head < kvHeads; head++) {
      const index = s * kvHeads + head;
      const pair = places.pairs + index * 32;
      const sinks = work.sinks === null ? 0 : places.sinks + head * queries * 4;
      const partial = places.partials + task * partialBytes;
      view.words.set([partial, spans.length, partialBytes, places.outputs + index * queryBytes, sinks], pair / 4);
      for (const span of spans) {
        const row = head * context + span.first;
        const at = (start: readonly number[], bytes: number): number => (start[s] as number) + row * bytes;
        const rows = [at(places.keys, stored), at(places.values, stored), at(places.keyScales, 4)];
        const rest = [at(places.valueScales, 4), span.count, places.queries + index * queryBytes];
        const own = [places.partials + task * partialBytes, span.first, ranges, spans.length === 1 ? pair : 0];
        view.words.set([...rows, ...rest, ...own], (places.tasks + task * 64) / 4);
        task++;
      }
      for (let q = 0; q < queries && work.sinks !== null; q++) {
        view.f32[sinks / 4 + q] = (work.sinks[head * group + (q % group)] as number) * Math.LOG2E;
      }
    }
  });
}

function outputOf(view: MemoryView, work: AttentionWork, places: AttentionPlaces): Float64Array {
  const { heads, headDim, queryTokens } = work;
  const output = new Float64Array(work.queries.length);
  for (let s = 0; s < work.contexts.length; s++) {
    for (let token = 0; token < queryTokens; token++) {
      for (let head = 0; head < heads; head++) {
        const at = places.outputs / 4 + queryOffset(work, s, token, head);
        output.set(view.f32.subarray(at, at + headDim), ((s * queryTokens + token) * heads + head) * headDim);
      }
    }
  }
  return output;
}
