/**
 * Decode attention laid out for assembly/attention.ts. Keys and values lie as [B, Hkv, rows, D], so that a task reads one
 * stretch of memory; queries as [B, Hkv, Q · Hq / Hkv, D], multiplied by log2(e) / √D.
 */
import type { AttentionWork } from "../kernel.ts";
import { type RowSpan, rowsPerTask, spansOf, visibleSpan } from "./attention-spans.ts";
import type { MemoryView } from "./memory-view.ts";
import { formatNumbers, paddedElements, rowBytes, storeRow, type WasmFormat } from "./stored-rows.ts";
import { kernelNumbers, MemoryLayout, roundUp, type WasmJob, writeWords } from "./wasm-job.ts";

/** Rows of scores that a thread holds at once (assembly/attention.ts). */
const rowsOfOne = 32;
const rowsOfMany = 32;

interface Places {
  /** Per sequence: its first key, value and scale rows; those of K/V head h are h · context rows on. */
  readonly keys: readonly number[];
  readonly values: readonly number[];
  readonly keyScales: readonly number[];
  readonly valueScales: readonly number[];
  readonly spans: readonly (readonly RowSpan[])[];
  readonly queries: number;
  readonly outputs: number;
  readonly sinks: number;
  readonly ranges: number;
  readonly tasks: number;
  readonly pairs: number;
  readonly partials: number;
  readonly scratch: number;
}

export function attentionJob(work: AttentionWork, format: WasmFormat, threads: number): WasmJob {
  const shape = shapeOf(work);
  const layout = new MemoryLayout();
  const places = placesOf(work, format, threads, layout);
  const taskCount = places.spans.reduce((sum, spans) => sum + spans.length, 0) * work.kvHeads;
  const pairCount = work.contexts.length * work.kvHeads;
  return {
    bytes: layout.bytes,
    parallel: true,
    fill(view) {
      fillRows(view, work, format, places);
      fillQueries(view, work, places);
      fillTables(view, work, format, places);
      const { paddedDim, queries, scratchBytes } = shape;
      const tables = [taskCount, places.tasks, places.scratch, scratchBytes, rowBytes(format, work.headDim)];
      const head = [kernelNumbers.attention, formatNumbers[format], paddedDim, queries];
      writeWords(view, [...head, ...tables, pairCount, places.pairs]);
    },
    output: (view) => outputOf(view, work, places),
  };
}

function shapeOf(work: AttentionWork) {
  const paddedDim = paddedElements(work.headDim);
  const queries = (work.heads / work.kvHeads) * work.queryTokens;
  const padded = queries === 1 ? 8 : roundUp(queries, 4);
  const many = (padded * paddedDim + rowsOfMany * (padded + paddedDim)) * 4;
  const scratchBytes = roundUp(queries === 1 ? rowsOfOne * 4 : many, 128);
  return { paddedDim, queries, padded, scratchBytes, partialBytes: roundUp(4 * padded * (paddedDim + 2), 64) };
}

function placesOf(work: AttentionWork, format: WasmFormat, threads: number, layout: MemoryLayout): Places {
  const { contexts, kvHeads, queryTokens } = work;
  const { paddedDim, queries, scratchBytes, partialBytes } = shapeOf(work);
  const pairs = contexts.length * kvHeads;
  const stored = rowBytes(format, work.headDim);
  const spans = contexts.map((context) => spansOf(work, context, rowsPerTask(work, threads)));
  const tasks = spans.reduce((sum, own) => sum + own.length, 0) * kvHeads;
  const scales = (context: number): number => layout.take(format === "int8" ? kvHeads * context * 4 : 0);
  return {
    keys: contexts.map((context) => layout.take(kvHeads * context * stored)),
    values: contexts.map((context) => layout.take(kvHeads * context * stored)),
    keyScales: contexts.map(scales),
    valueScales: contexts.map(scales),
    spans,
    queries: layout.take(pairs * queries * paddedDim * 4),
    outputs: layout.take(pairs * queries * paddedDim * 4),
    sinks: layout.take(kvHeads * queries * 4),
    ranges: layout.take(queryTokens > 1 ? contexts.length * queries * 8 : 0),
    tasks: layout.take(tasks * 64),
    pairs: layout.take(pairs * 32),
    partials: layout.take(tasks * partialBytes),
    scratch: layout.take(threads * scratchBytes),
  };
}

function fillRows(view: MemoryView, work: AttentionWork, format: WasmFormat, places: Places): void {
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

function fillQueries(view: MemoryView, work: AttentionWork, places: Places): void {
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

function fillTables(view: MemoryView, work: AttentionWork, format: WasmFormat, places: Places): void {
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

function outputOf(view: MemoryView, work: AttentionWork, places: Places): Float64Array {
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
