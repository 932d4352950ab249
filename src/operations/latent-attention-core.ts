/**
 * Latent attention (MLA) over cached rows of r + p elements: r the compressed keys and values, p the rotary key that all heads share.
 * Absorbed: queries are taken into the latent space first, so that all heads read the same rows, as MQA does with one wide head.
 *   matmul FLOPs  2 B H P (r + p) + 2 B H P r          K/V bytes  B R (r + p) e_kv (materialised: r read twice)
 * Expanded: every row is projected up to the keys and values of each head, written, and attended to as MHA.
 *   matmul FLOPs  2 B R r H (k + v) + 2 B H P (k + p) + 2 B H P v;  activations + 2 B R H (k + v) e_a
 * k and v are a head's position-free key and value dimensions. Softmax FLOPs as in attention-core.
 * A sparse indexer (DeepSeek-V3.2) leaves min(P, topK Q) pairs and, at most, that many rows a sequence.
 * Source: DeepSeek-V2 2024, section 2.1 (absorption: the note under equation 19); DeepSeek-V3.2-Exp 2025 for the indexer.
 * @example absorbed, B 1, H 128, Q 1, S 1024, r 512, p 64, bf16: 285_212_672 matmul FLOPs, 1_179_648 K/V bytes
 */
import { visiblePairs } from "./attention-span.ts";
import { type OperationDefinition, type StepPoint, setCounts } from "./operation.ts";

export interface LatentAttentionCoreShape {
  readonly heads: number;
  readonly kvRank: number;
  readonly ropeDim: number;
  readonly nopeDim: number;
  readonly valueDim: number;
  readonly absorbed: boolean;
  readonly materialized: boolean;
  /** Cached rows a query keeps; null where all are seen. */
  readonly topK: number | null;
  /** Bytes of the up projection that the expanded form applies to every row; 0 when absorbed (its own operation reads it). */
  readonly weightBytes: number;
  readonly kvBytesPerElement: number;
  readonly activationBytesPerElement: number;
}

const everything = { window: null, chunk: null };

export const latentAttentionCore: OperationDefinition<LatentAttentionCoreShape> = {
  kind: "latent-attention-core",
  source: "DeepSeek-V2 2024, section 2.1",
  count(shape, point, into) {
    const { heads: H, kvRank: r, ropeDim: p, nopeDim: k, valueDim: v } = shape;
    const pairs = pairsOf(shape, point);
    const rows = rowsOf(shape, point);
    const logits = point.sequences * H;
    const outputDim = shape.absorbed ? r : v;
    const queryDim = (shape.absorbed ? r : k) + p;
    const expanded = shape.absorbed ? 0 : point.sequences * rows * H * (k + v);
    setCounts(
      into,
      2 * logits * pairs * (queryDim + outputDim) + 2 * expanded * r,
      logits * (5 * pairs + point.queryTokens * outputDim),
      shape.weightBytes,
      point.sequences * rows * (shape.absorbed && shape.materialized ? 2 * r + p : r + p) * shape.kvBytesPerElement,
      (logits * point.queryTokens * (queryDim + outputDim) +
        2 * expanded +
        (shape.materialized ? 4 * logits * point.queryTokens * rows : 0)) *
        shape.activationBytesPerElement,
      0,
    );
  },
  formulas(shape) {
    const pairs = shape.topK === null ? "(Q * S - Q * (Q - 1) / 2)" : "min(Q * S - Q * (Q - 1) / 2, K * Q)";
    const rows = shape.topK === null ? "S" : "min(S, K * Q)";
    const attend = shape.absorbed ? "(2 * r + p)" : "(k + p + v)";
    const out = shape.absorbed ? "r" : "v";
    const logits = shape.materialized ? ` + 4 * B * H * Q * ${rows}` : "";
    return shape.absorbed
      ? {
          matmulFlops: `2 * B * H * ${pairs} * ${attend}`,
          otherFlops: `B * H * (5 * ${pairs} + Q * ${out})`,
          kvBytes: `B * ${rows} * (${shape.materialized ? "2 * r" : "r"} + p) * ekv`,
          activationBytes: `(B * H * Q * ${attend}${logits}) * ea`,
        }
      : {
          matmulFlops: `2 * B * H * ${pairs} * ${attend} + 2 * B * ${rows} * H * (k + v) * r`,
          otherFlops: `B * H * (5 * ${pairs} + Q * ${out})`,
          weightBytes: "W",
          kvBytes: `B * ${rows} * (r + p) * ekv`,
          activationBytes: `(B * H * Q * ${attend} + 2 * B * ${rows} * H * (k + v)${logits}) * ea`,
        };
  },
  symbols: (shape, point) => ({
    B: point.sequences,
    Q: point.queryTokens,
    S: point.context,
    H: shape.heads,
    r: shape.kvRank,
    p: shape.ropeDim,
    k: shape.nopeDim,
    v: shape.valueDim,
    K: shape.topK ?? 0,
    W: shape.weightBytes,
    ekv: shape.kvBytesPerElement,
    ea: shape.activationBytesPerElement,
  }),
};

function pairsOf(shape: LatentAttentionCoreShape, point: StepPoint): number {
  const all = visiblePairs(point.queryTokens, point.context, everything);
  return shape.topK === null ? all : Math.min(all, shape.topK * point.queryTokens);
}

function rowsOf(shape: LatentAttentionCoreShape, point: StepPoint): number {
  return shape.topK === null ? point.context : Math.min(point.context, shape.topK * point.queryTokens);
}
