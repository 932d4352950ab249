/**
 * Latent attention (MLA) over cached rows of r + p elements: c the compressed keys and values, k^R the rotary key of all heads.
 * Absorbed: queries come in the latent space, and all heads read the same rows as MQA does with one wide head,
 *   s = scale (q^C·c + q^R·k^R),  o = Σ softmax(s) c               the head's values are made from o afterwards
 * Expanded: every row is first projected up to the keys and values of each head, written, and attended to as MHA,
 *   k = W^UK c,  v = W^UV c,  s = scale (q·k + q^R·k^R),  o = Σ softmax(s) v
 * Both give the same numbers, since q·(W^UK c) = (W^UKᵀ q)·c. The scale is 1/√(nope + rope) in both.
 * Source: DeepSeek-V2 2024, section 2.1; cost: src/operations/latent-attention-core.ts.
 */
import type { AttentionProblem } from "./attention-problem.ts";
import { fusedAttention } from "./fused-attention.ts";
import { loadRows, multiplyMatrix } from "./linear.ts";
import { materializedAttention } from "./materialized-attention.ts";
import { load, type Processor, type Tensor } from "./processor.ts";

export interface LatentAttentionArguments {
  readonly heads: number;
  readonly kvRank: number;
  readonly ropeDim: number;
  readonly nopeDim: number;
  readonly valueDim: number;
  readonly contexts: readonly number[];
  readonly queryTokens: number;
  /** Position-free queries [T, H, r] when absorbed, else [T, H, k] wherever queryOffset says. */
  readonly queries: Tensor;
  readonly queryOffset: (token: number, head: number) => number;
  /** Rotary queries of p elements. */
  readonly rotaryQueries: Tensor;
  readonly rotaryOffset: (token: number, head: number) => number;
  readonly cache: Tensor;
  /** First element of a sequence's row: r compressed elements, then p of the rotary key. */
  readonly rowOffset: (sequence: number, row: number) => number;
  /** Null when absorbed; else W^UK [H, k, r] and W^UV [H, v, r], and where the expanded rows go. */
  readonly expansion: LatentExpansion | null;
  /** [T, H, r] absorbed, [T, H, v] expanded. */
  readonly output: Tensor;
  readonly materialized: boolean;
  readonly activationBytesPerElement: number;
  readonly blockRows?: number;
}

export interface LatentExpansion {
  readonly keyUp: Tensor;
  readonly valueUp: Tensor;
}

export function latentAttention(p: Processor, a: LatentAttentionArguments): void {
  const absorbed = a.expansion === null;
  const queryDim = absorbed ? a.kvRank : a.nopeDim;
  const valueDim = absorbed ? a.kvRank : a.valueDim;
  const problem: AttentionProblem = {
    heads: a.heads,
    kvHeads: absorbed ? 1 : a.heads,
    keyDim: queryDim + a.ropeDim,
    valueDim,
    scale: 1 / Math.sqrt(a.nopeDim + a.ropeDim),
    contexts: a.contexts,
    sequencesPerCache: 1,
    queryTokens: a.queryTokens,
    mode: "causal",
    reach: { window: null, chunk: null },
    sinks: null,
    loadQuery(sequence, token, head, into, at) {
      const t = sequence * a.queryTokens + token;
      const free = a.queryOffset(t, head);
      for (let i = 0; i < queryDim; i++) into[at + i] = a.queries.read(free + i);
      const rotary = a.rotaryOffset(t, head);
      for (let i = 0; i < a.ropeDim; i++) into[at + queryDim + i] = a.rotaryQueries.read(rotary + i);
    },
    loadRows: a.expansion === null ? latentRows(a) : expandedRows(p, a, a.expansion),
    storeOutput(sequence, token, head, output) {
      const to = ((sequence * a.queryTokens + token) * a.heads + head) * valueDim;
      for (let d = 0; d < valueDim; d++) a.output.write(to + d, output[d] as number);
    },
  };
  if (a.materialized) materializedAttention(p, problem, a.activationBytesPerElement);
  else fusedAttention(p, problem, a.blockRows);
}

/** Rows as they are cached: the key is the whole row, the value its first r elements, read once where both are wanted. */
function latentRows(a: LatentAttentionArguments): AttentionProblem["loadRows"] {
  const width = a.kvRank + a.ropeDim;
  return (cache, _kvHead, first, count, keys, values) => {
    for (let j = 0; j < count; j++) {
      const row = load(a.cache, a.rowOffset(cache, first + j), keys === null ? a.kvRank : width);
      keys?.set(row, j * width);
      values?.set(row.subarray(0, a.kvRank), j * a.kvRank);
    }
  };
}

/** Projects all rows of all sequences up, each weight read once, and serves heads from what it wrote. */
function expandedRows(
  p: Processor,
  a: LatentAttentionArguments,
  expansion: LatentExpansion,
): AttentionProblem["loadRows"] {
  const starts = startsOf(a.contexts);
  const rows = a.contexts.reduce((sum, context) => sum + context, 0);
  const sequenceOf = a.contexts.flatMap((context, sequence) => new Array<number>(context).fill(sequence));
  const offset = (row: number): number => {
    const sequence = sequenceOf[row] as number;
    return a.rowOffset(sequence, row - (starts[sequence] as number));
  };
  const latent = loadRows(a.cache, rows, a.kvRank, offset);
  const expanded = (weights: Tensor, dim: number): Tensor => {
    const width = a.heads * dim;
    const y = new Float64Array(rows * width);
    multiplyMatrix(p, latent, rows, a.kvRank, width, (out, i) => weights.read(out * a.kvRank + i), y);
    const tensor = p.tensor("activations", new Float64Array(y.length), a.activationBytesPerElement);
    for (let i = 0; i < y.length; i++) tensor.write(i, y[i] as number);
    return tensor;
  };
  const keysUp = expanded(expansion.keyUp, a.nopeDim);
  const valuesUp = expanded(expansion.valueUp, a.valueDim);
  // All heads share the rotary keys: they come onto the chip with the first head that asks.
  const rotary = new Map<number, Float64Array>();
  const rotaryKey = (row: number): Float64Array => {
    const known = rotary.get(row);
    if (known !== undefined) return known;
    const key = load(a.cache, offset(row) + a.kvRank, a.ropeDim);
    rotary.set(row, key);
    return key;
  };
  const width = a.nopeDim + a.ropeDim;
  return (cache, head, first, count, keys, values) => {
    for (let j = 0; j < count; j++) {
      const row = (starts[cache] as number) + first + j;
      if (keys !== null) {
        keys.set(load(keysUp, (row * a.heads + head) * a.nopeDim, a.nopeDim), j * width);
        keys.set(rotaryKey(row), j * width + a.nopeDim);
      }
      values?.set(load(valuesUp, (row * a.heads + head) * a.valueDim, a.valueDim), j * a.valueDim);
    }
  };
}

/** Rows before each sequence's first where all are counted one after the other. */
function startsOf(contexts: readonly number[]): number[] {
  let start = 0;
  return contexts.map((context) => {
    const own = start;
    start += context;
    return own;
  });
}
