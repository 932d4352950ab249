/**
 * Embedding lookup: each new token reads one row of the table (and one of a learned position table).
 * FLOPs = T d where positions are added, else 0; weight bytes = T d (e_w + e_p); activations written = T d e_a
 * Source: counting rule E1 in docs/counting.md; GPT-2's learned positions: Radford et al. 2019.
 * @example T 1, d 4096, bf16: 8_192 weight bytes, 8_192 activation bytes
 */
import { type OperationDefinition, setCounts } from "./operation.ts";

export interface EmbeddingLookupShape {
  readonly dModel: number;
  readonly tableBytesPerElement: number;
  /** Bytes an element of the position table; 0 where there is none. */
  readonly positionBytesPerElement: number;
  readonly activationBytesPerElement: number;
}

export const embeddingLookup: OperationDefinition<EmbeddingLookupShape> = {
  kind: "embedding-lookup",
  source: "one row a token: docs/counting.md, rule E1",
  count(shape, point, into) {
    const elements = point.tokens * shape.dModel;
    setCounts(
      into,
      0,
      shape.positionBytesPerElement > 0 ? elements : 0,
      elements * (shape.tableBytesPerElement + shape.positionBytesPerElement),
      0,
      elements * shape.activationBytesPerElement,
      0,
    );
  },
  formulas: (shape) => ({
    ...(shape.positionBytesPerElement > 0 ? { otherFlops: "T * d" } : {}),
    weightBytes: shape.positionBytesPerElement > 0 ? "T * d * (ew + ep)" : "T * d * ew",
    activationBytes: "T * d * ea",
  }),
  symbols: (shape, point) => ({
    T: point.tokens,
    d: shape.dModel,
    ew: shape.tableBytesPerElement,
    ep: shape.positionBytesPerElement,
    ea: shape.activationBytesPerElement,
  }),
};
