/**
 * The indexer of sparse attention: it scores every cached token with h small heads of width x and keeps the best.
 * FLOPs = 2 B P h x (scores) + B P h 2 (ReLU, weight and sum); K/V bytes = B S x e_kv (one key a token); activations: T h (x + 1) e_a
 * Choosing the top K of S scores is a comparison a score: B P FLOPs.
 * Source: DeepSeek-V3.2-Exp 2025, equation 1.
 * @example B 1, Q 1, S 1024, h 64, x 128, fp8: 16_777_216 matmul FLOPs, 131_072 K/V bytes
 */
import { visiblePairs } from "./attention-span.ts";
import { type OperationDefinition, setCounts } from "./operation.ts";

export interface SparseIndexerShape {
  readonly heads: number;
  readonly headDim: number;
  readonly kvBytesPerElement: number;
  readonly activationBytesPerElement: number;
}

const everything = { window: null, chunk: null };

export const sparseIndexer: OperationDefinition<SparseIndexerShape> = {
  kind: "sparse-indexer",
  source: "DeepSeek-V3.2-Exp 2025, equation 1",
  count(shape, point, into) {
    const pairs = point.sequences * visiblePairs(point.queryTokens, point.context, everything);
    setCounts(
      into,
      2 * pairs * shape.heads * shape.headDim,
      pairs * (2 * shape.heads + 1),
      0,
      point.sequences * point.context * shape.headDim * shape.kvBytesPerElement,
      point.tokens * shape.heads * (shape.headDim + 1) * shape.activationBytesPerElement,
      0,
    );
  },
  formulas: () => ({
    matmulFlops: "2 * B * (Q * S - Q * (Q - 1) / 2) * h * x",
    otherFlops: "B * (Q * S - Q * (Q - 1) / 2) * (2 * h + 1)",
    kvBytes: "B * S * x * ekv",
    activationBytes: "T * h * (x + 1) * ea",
  }),
  symbols: (shape, point) => ({
    B: point.sequences,
    Q: point.queryTokens,
    S: point.context,
    T: point.tokens,
    h: shape.heads,
    x: shape.headDim,
    ekv: shape.kvBytesPerElement,
    ea: shape.activationBytesPerElement,
  }),
};
