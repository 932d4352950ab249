/**
 * Fused attention with an online softmax: logits and weights stay on the chip, each row of keys and values is read once for
 * all query heads and new tokens that see it. Rows come in blocks; after each block, with m the running maximum, l the
 * running sum and o the running output (Milakov and Gimelshein 2018; Dao et al. 2022, algorithm 1):
 *   s_j = scale · q·k_j,  m' = max(m, s_j),  l' = e^(m − m') l + Σ_j e^(s_j − m'),  o' = e^(m − m') o + Σ_j e^(s_j − m') v_j
 * and at the end o / l. Five operations a logit (scale, maximum, subtract, exp, sum) and a division an output element.
 * Rescaling by e^(m − m') happens only in a block that raises the maximum: D + 3 operations, tallied aside, none where one
 * block holds all rows. Nothing is ever exponentiated above 0, so that logits of ±1e4 and more are safe.
 * Cost: src/operations/attention-core.ts.
 */
import { type AttentionProblem, rowsSeen, type SharingQuery, sharingQueries } from "./attention-problem.ts";
import type { Processor } from "./processor.ts";

/** Attends; blockRows rows at a time (all at once by default). */
export function fusedAttention(p: Processor, a: AttentionProblem, blockRows: number = Number.POSITIVE_INFINITY): void {
  for (let cache = 0; cache < a.contexts.length; cache++) {
    for (let kvHead = 0; kvHead < a.kvHeads; kvHead++) attendGroup(p, a, cache, kvHead, blockRows);
  }
}

/** The state of the online softmax of all queries that share a K/V head. */
interface OnlineSoftmax {
  readonly maximum: Float64Array;
  readonly sum: Float64Array;
  readonly output: Float64Array;
}

function attendGroup(p: Processor, a: AttentionProblem, cache: number, kvHead: number, blockRows: number): void {
  const queries = sharingQueries(a, cache, kvHead);
  const q = new Float64Array(queries.length * a.keyDim);
  for (const { index, sequence, token, head } of queries) a.loadQuery(sequence, token, head, q, index * a.keyDim);
  const state = startedSoftmax(a, queries);
  const [first, end] = rowsSeen(queries);
  for (let row = first; row < end; row += blockRows) {
    const count = Math.min(blockRows, end - row);
    const keys = new Float64Array(count * a.keyDim);
    const values = new Float64Array(count * a.valueDim);
    a.loadRows(cache, kvHead, row, count, keys, values);
    for (const query of queries) attendBlock(p, a, query, q, row, count, keys, values, state);
  }
  for (const query of queries) {
    const at = query.index * a.valueDim;
    const output = state.output.slice(at, at + a.valueDim);
    const sum = state.sum[query.index] as number;
    for (let d = 0; d < a.valueDim; d++) output[d] = p.arithmetic.divide(output[d] as number, sum);
    a.storeOutput(query.sequence, query.token, query.head, output);
  }
}

/** Nothing seen yet; with a sink the maximum is its logit and the sum its e^0. */
function startedSoftmax(a: AttentionProblem, queries: readonly SharingQuery[]): OnlineSoftmax {
  const sinks = a.sinks;
  return {
    maximum: Float64Array.from(queries, ({ head }) => sinks?.[head] ?? Number.NEGATIVE_INFINITY),
    sum: new Float64Array(queries.length).fill(sinks === null ? 0 : 1),
    output: new Float64Array(queries.length * a.valueDim),
  };
}

function attendBlock(
  p: Processor,
  a: AttentionProblem,
  query: SharingQuery,
  q: Float64Array,
  row: number,
  count: number,
  keys: Float64Array,
  values: Float64Array,
  state: OnlineSoftmax,
): void {
  const c = p.arithmetic;
  const from = Math.max(query.from, row) - row;
  const to = Math.min(query.to, row + count) - row;
  if (from >= to) return;
  const before = state.maximum[query.index] as number;
  let maximum = before;
  const logits = new Float64Array(to - from);
  for (let j = from; j < to; j++) {
    const logit = c.multiply(dot(p, q, query.index * a.keyDim, keys, j * a.keyDim, a.keyDim), a.scale);
    logits[j - from] = logit;
    maximum = c.maximum(maximum, logit);
  }
  if (maximum > before && before !== Number.NEGATIVE_INFINITY) rescale(p, a, query.index, before, maximum, state);
  state.maximum[query.index] = maximum;
  let sum = state.sum[query.index] as number;
  const out = query.index * a.valueDim;
  for (let j = from; j < to; j++) {
    const weight = c.exponential(c.subtract(logits[j - from] as number, maximum));
    sum = c.add(sum, weight);
    for (let d = 0; d < a.valueDim; d++) {
      state.output[out + d] = c.multiplyAdd(
        weight,
        values[j * a.valueDim + d] as number,
        state.output[out + d] as number,
      );
    }
  }
  state.sum[query.index] = sum;
}

/** Brings sum and output from the old maximum to the new one: D + 3 operations. */
function rescale(
  p: Processor,
  a: AttentionProblem,
  index: number,
  before: number,
  maximum: number,
  state: OnlineSoftmax,
): void {
  const factor = p.aside.exponential(p.aside.subtract(before, maximum));
  state.sum[index] = p.aside.multiply(state.sum[index] as number, factor);
  for (let d = index * a.valueDim; d < (index + 1) * a.valueDim; d++) {
    state.output[d] = p.aside.multiply(state.output[d] as number, factor);
  }
}

/** x·y over n elements, as multiply-adds of a matrix product. */
export function dot(p: Processor, x: Float64Array, xAt: number, y: Float64Array, yAt: number, n: number): number {
  let sum = 0;
  for (let i = 0; i < n; i++) sum = p.arithmetic.multiplyAdd(x[xAt + i] as number, y[yAt + i] as number, sum);
  return sum;
}
