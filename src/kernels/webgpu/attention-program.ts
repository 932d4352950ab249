/** Decode attention as a program: keys and values lie as [B, Hkv, rows, D], a pair of sequence and K/V head in one stretch. */
import type { AttentionWork, Values } from "../kernel.ts";
import { addAttention, type StoredPairs } from "./attention-dispatches.ts";
import { type GpuBufferPlan, type GpuProgram, GpuProgramBuilder, paddedRowsReader } from "./gpu-program.ts";
import type { GpuTraits } from "./gpu-traits.ts";
import { type GpuFormat, quadsOf, storedBytes, storeRow, storeScale } from "./stored-quads.ts";

/** The program, or why there is none. */
export function attentionProgram(work: AttentionWork, format: GpuFormat, traits: GpuTraits): GpuProgram | string {
  const { heads, headDim, contexts, queryTokens } = work;
  const builder = new GpuProgramBuilder(traits);
  const quads = quadsOf(headDim);
  const vectors = contexts.length * queryTokens * heads;
  const queries = builder.buffer("queries", vectors * quads * 16, (into) => {
    for (let i = 0; i < vectors; i++) storeRow(into, "f32", i, work.queries, i * headDim, headDim);
  });
  const output = builder.buffer("outputs", vectors * quads * 16);
  const sinks = work.sinks === null ? null : builder.floats("sinks", work.sinks);
  const stored = storedPairs(builder, work, format);
  if (typeof stored === "string") return stored;
  const refusal = addAttention(builder, {
    ...work,
    format,
    queries,
    queryStride: heads * quads,
    stored,
    sinks,
    output,
  });
  if (refusal !== null) return refusal;
  return builder.program({ buffers: [output], read: paddedRowsReader(vectors, headDim, quads * 4) });
}

/** Keys and values in as few buffers as the device's bindings allow, whole pairs in each. */
function storedPairs(builder: GpuProgramBuilder, work: AttentionWork, format: GpuFormat): StoredPairs[] | string {
  const { contexts, kvHeads, headDim } = work;
  const pairs = contexts.length * kvHeads;
  const rowsOf = (pair: number): number => contexts[Math.floor(pair / kvHeads)] as number;
  const most = builder.traits.bindingBytes;
  const stored: StoredPairs[] = [];
  for (let first = 0; first < pairs; ) {
    const starts = [0];
    let rows = 0;
    let next = first;
    for (; next < pairs && storedBytes(format, rows + rowsOf(next), headDim) <= most; next++) {
      rows += rowsOf(next);
      starts.push(rows);
    }
    if (next === first) {
      const bytes = storedBytes(format, rowsOf(first), headDim);
      return `the keys of one K/V head take ${bytes} bytes, a binding of this adapter at most ${most}`;
    }
    stored.push(pairBuffers(builder, work, format, { firstPair: first, pairs: next - first, starts, rows }));
    first = next;
  }
  return stored;
}

interface PairSpan {
  readonly firstPair: number;
  readonly pairs: number;
  /** Row that each pair starts at. */
  readonly starts: readonly number[];
  readonly rows: number;
}

function pairBuffers(builder: GpuProgramBuilder, work: AttentionWork, format: GpuFormat, span: PairSpan): StoredPairs {
  const { firstPair, pairs, starts, rows } = span;
  const { kvHeads, headDim, capacity } = work;
  const eachRow = (visit: (row: number, from: number) => void): void => {
    for (let i = 0; i < pairs; i++) {
      const sequence = Math.floor((firstPair + i) / kvHeads);
      const kvHead = (firstPair + i) % kvHeads;
      for (let row = 0; row < (work.contexts[sequence] as number); row++) {
        const from = ((sequence * capacity + row) * kvHeads + kvHead) * headDim;
        visit((starts[i] as number) + row, from);
      }
    }
  };
  const rowsOf = (name: string, values: Values): GpuBufferPlan =>
    builder.buffer(name, storedBytes(format, rows, headDim), (into) =>
      eachRow((row, from) => storeRow(into, format, row, values, from, headDim)),
    );
  const scalesOf = (name: string, values: Values): GpuBufferPlan | null =>
    format === "int8"
      ? builder.buffer(name, 4 * rows, (into) => eachRow((row, from) => storeScale(into, row, values, from, headDim)))
      : null;
  return {
    firstPair,
    pairs,
    rowOf: (pair) => starts[pair - firstPair] as number,
    keys: rowsOf("keys", work.keys),
    values: rowsOf("values", work.values),
    keyScales: scalesOf("keys' scales", work.keys),
    valueScales: scalesOf("values' scales", work.values),
  };
}
