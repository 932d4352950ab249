/**
 * Softmax attention over keys and values in memory: MHA, GQA and MQA by kvHeads; causal over a cache, across to an encoder's
 * output, or in both directions over an encoder's own activations.
 * Source: Shazeer 2019, section 3; cost: src/operations/attention-core.ts.
 */
import type { Reach } from "../../operations/attention-span.ts";
import type { AttentionProblem } from "./attention-problem.ts";
import { fusedAttention } from "./fused-attention.ts";
import { materializedAttention } from "./materialized-attention.ts";
import { load, type Processor, type Tensor } from "./processor.ts";

/** Where the rows of keys and values lie. */
export interface KeyValueRows {
  readonly keys: Tensor;
  readonly values: Tensor;
  /** First element of a row's key of one K/V head. */
  readonly keyOffset: (cache: number, row: number, kvHead: number) => number;
  readonly valueOffset: (cache: number, row: number, kvHead: number) => number;
}

export interface SoftmaxAttentionArguments {
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  readonly reach: Reach;
  readonly mode: "causal" | "cross" | "bidirectional";
  /** Rows of each cache, the new tokens' own among them. */
  readonly contexts: readonly number[];
  /** Sequences that share a cache: the beams of a request in cross-attention, else 1. */
  readonly sequencesPerCache: number;
  readonly queryTokens: number;
  readonly queries: Tensor;
  /** First element of a new token's query of one head; tokens count over all sequences. */
  readonly queryOffset: (token: number, head: number) => number;
  readonly rows: KeyValueRows;
  /** [Hq] or null. */
  readonly sinks: Tensor | null;
  /** Multiplied in through a sigmoid; null without. */
  readonly gate: { readonly tensor: Tensor; readonly offset: (token: number, head: number) => number } | null;
  /** [T, Hq, D]. */
  readonly output: Tensor;
  readonly kernel:
    | { readonly kind: "fused"; readonly blockRows?: number }
    | { readonly kind: "materialized"; readonly activationBytesPerElement: number };
}

export function softmaxAttention(p: Processor, a: SoftmaxAttentionArguments): void {
  const problem: AttentionProblem = {
    heads: a.heads,
    kvHeads: a.kvHeads,
    keyDim: a.headDim,
    valueDim: a.headDim,
    scale: 1 / Math.sqrt(a.headDim),
    contexts: a.contexts,
    sequencesPerCache: a.sequencesPerCache,
    queryTokens: a.queryTokens,
    mode: a.mode,
    reach: a.reach,
    sinks: a.sinks === null ? null : load(a.sinks, 0, a.heads),
    loadQuery(sequence, token, head, into, at) {
      const from = a.queryOffset(sequence * a.queryTokens + token, head);
      for (let d = 0; d < a.headDim; d++) into[at + d] = a.queries.read(from + d);
    },
    loadRows(cache, kvHead, first, count, keys, values) {
      for (let j = 0; j < count; j++) {
        if (keys !== null) copy(a.rows.keys, a.rows.keyOffset(cache, first + j, kvHead), keys, j, a.headDim);
        if (values !== null) copy(a.rows.values, a.rows.valueOffset(cache, first + j, kvHead), values, j, a.headDim);
      }
    },
    storeOutput(sequence, token, head, output) {
      const t = sequence * a.queryTokens + token;
      const to = (t * a.heads + head) * a.headDim;
      for (let d = 0; d < a.headDim; d++) a.output.write(to + d, gated(p, a, t, head, d, output[d] as number));
    },
  };
  if (a.kernel.kind === "fused") fusedAttention(p, problem, a.kernel.blockRows);
  else materializedAttention(p, problem, a.kernel.activationBytesPerElement);
}

function copy(from: Tensor, offset: number, to: Float64Array, row: number, width: number): void {
  for (let d = 0; d < width; d++) to[row * width + d] = from.read(offset + d);
}

/** Five operations more an output element: the sigmoid and the product. */
function gated(
  p: Processor,
  a: SoftmaxAttentionArguments,
  token: number,
  head: number,
  d: number,
  output: number,
): number {
  if (a.gate === null) return output;
  const gate = a.gate.tensor.read(a.gate.offset(token, head) + d);
  return p.arithmetic.multiply(output, p.arithmetic.activation("sigmoid", gate));
}
