/**
 * Rotary position embedding on r dimensions of H heads (queries and keys together).
 * FLOPs = 3 T H r (two multiplications and an addition an element); activations = 2 T H r e_a (read and written)
 * Source: Su et al. 2021 (RoFormer), equation 34; the table of sines is under 0.1 % and left out (rule A3).
 * @example T 1, H 64, r 128, bf16: 24_576 FLOPs, 32_768 activation bytes
 */
import { type OperationDefinition, setCounts } from "./operation.ts";

export interface RotaryEmbeddingShape {
  /** H: query heads and key heads. */
  readonly heads: number;
  /** r: dimensions turned in each. */
  readonly rotaryDim: number;
  readonly activationBytesPerElement: number;
}

export const rotaryEmbedding: OperationDefinition<RotaryEmbeddingShape> = {
  kind: "rotary-embedding",
  source: "Su et al. 2021, equation 34",
  count(shape, point, into) {
    const elements = point.tokens * shape.heads * shape.rotaryDim;
    setCounts(into, 0, 3 * elements, 0, 0, 2 * elements * shape.activationBytesPerElement, 0);
  },
  formulas: () => ({ otherFlops: "3 * T * H * r", activationBytes: "2 * T * H * r * ea" }),
  symbols: (shape, point) => ({
    T: point.tokens,
    H: shape.heads,
    r: shape.rotaryDim,
    ea: shape.activationBytesPerElement,
  }),
};
