/**
 * Attention in three passes, logits and weights written to memory and read back between them (Shazeer 2019, section 2.2):
 *   1. L = scale · Q Kᵀ, −∞ where a query does not see a row      2. W = exp(L − max L)      3. O = W V / Σ W
 * Four elements of memory a query, row and head: logits and weights, written and read, masked ones too. The sums, a scalar a
 * query, stay on the chip; a sink joins them (3 operations a query, tallied aside). Keys are read in the first pass, values in
 * the third. Cost: src/operations/attention-core.ts, materialized.
 */
import { type AttentionProblem, rowsSeen, type SharingQuery, sharingQueries } from "./attention-problem.ts";
import { dot } from "./fused-attention.ts";
import type { Processor, Tensor } from "./processor.ts";

export function materializedAttention(p: Processor, a: AttentionProblem, activationBytesPerElement: number): void {
  for (let cache = 0; cache < a.contexts.length; cache++) {
    for (let kvHead = 0; kvHead < a.kvHeads; kvHead++) {
      const queries = sharingQueries(a, cache, kvHead);
      const [first, end] = rowsSeen(queries);
      const rows = end - first;
      const matrix = (): Tensor =>
        p.tensor("activations", new Float64Array(queries.length * rows), activationBytesPerElement);
      const pass: Pass = { p, a, cache, kvHead, queries, first, rows };
      const logits = matrix();
      const weights = matrix();
      writeLogits(pass, logits);
      const sums = writeWeights(pass, logits, weights);
      writeOutputs(pass, weights, sums);
    }
  }
}

interface Pass {
  readonly p: Processor;
  readonly a: AttentionProblem;
  readonly cache: number;
  readonly kvHead: number;
  readonly queries: readonly SharingQuery[];
  /** First row that any of the queries sees, and how many from there. */
  readonly first: number;
  readonly rows: number;
}

function writeLogits({ p, a, cache, kvHead, queries, first, rows }: Pass, logits: Tensor): void {
  const keys = new Float64Array(rows * a.keyDim);
  a.loadRows(cache, kvHead, first, rows, keys, null);
  const q = new Float64Array(a.keyDim);
  for (const { index, sequence, token, head, from, to } of queries) {
    a.loadQuery(sequence, token, head, q, 0);
    for (let j = 0; j < rows; j++) {
      const seen = first + j >= from && first + j < to;
      const logit = seen
        ? p.arithmetic.multiply(dot(p, q, 0, keys, j * a.keyDim, a.keyDim), a.scale)
        : Number.NEGATIVE_INFINITY;
      logits.write(index * rows + j, logit);
    }
  }
}

function writeWeights({ p, a, queries, first, rows }: Pass, logits: Tensor, weights: Tensor): Float64Array {
  const c = p.arithmetic;
  const sums = new Float64Array(queries.length);
  for (const { index, head, from, to } of queries) {
    const sink = a.sinks?.[head] ?? Number.NEGATIVE_INFINITY;
    const row = Float64Array.from({ length: rows }, (_, j) => logits.read(index * rows + j));
    let maximum = sink;
    for (let j = from - first; j < to - first; j++) maximum = c.maximum(maximum, row[j] as number);
    let sum = 0;
    for (let j = 0; j < rows; j++) {
      const seen = first + j >= from && first + j < to;
      const weight = seen ? c.exponential(c.subtract(row[j] as number, maximum)) : 0;
      if (seen) sum = c.add(sum, weight);
      weights.write(index * rows + j, weight);
    }
    if (a.sinks !== null) sum = p.aside.add(sum, p.aside.exponential(p.aside.subtract(sink, maximum)));
    sums[index] = sum;
  }
  return sums;
}

function writeOutputs({ p, a, cache, kvHead, queries, first, rows }: Pass, weights: Tensor, sums: Float64Array): void {
  const values = new Float64Array(rows * a.valueDim);
  a.loadRows(cache, kvHead, first, rows, null, values);
  for (const { index, sequence, token, head, from, to } of queries) {
    const output = new Float64Array(a.valueDim);
    for (let j = 0; j < rows; j++) {
      const weight = weights.read(index * rows + j);
      if (first + j < from || first + j >= to) continue;
      for (let d = 0; d < a.valueDim; d++) {
        output[d] = p.arithmetic.multiplyAdd(weight, values[j * a.valueDim + d] as number, output[d] as number);
      }
    }
    const sum = sums[index] as number;
    for (let d = 0; d < a.valueDim; d++) output[d] = p.arithmetic.divide(output[d] as number, sum);
    a.storeOutput(sequence, token, head, output);
  }
}
