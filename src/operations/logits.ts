/**
 * The LM head: logits of the whole vocabulary, for each token whose logits are wanted (all when decoding, the last in a prefill).
 * FLOPs = 2 N d V (and N V for a bias); weight bytes = d V e_w (the table itself where tied); activations = N (d + V) e_a
 * Source: Vaswani et al. 2017, section 3.4; counting rule L1 in docs/counting.md.
 * @example N 1, d 4096, V 32000, bf16: 262_144_000 FLOPs, 262_144_000 weight bytes
 */
import { type OperationDefinition, setCounts } from "./operation.ts";

export interface LogitsShape {
  readonly dModel: number;
  /** Rows of the LM head on this device. */
  readonly vocab: number;
  readonly weightBytesPerElement: number;
  /** Bytes of the logits' bias; 0 where there is none. */
  readonly biasBytesPerElement: number;
  readonly activationBytesPerElement: number;
}

export const logits: OperationDefinition<LogitsShape> = {
  kind: "logits",
  source: "Vaswani et al. 2017, section 3.4",
  count(shape, point, into) {
    const n = point.logitsTokens;
    const matrix = shape.dModel * shape.vocab;
    setCounts(
      into,
      2 * n * matrix,
      shape.biasBytesPerElement > 0 ? n * shape.vocab : 0,
      matrix * shape.weightBytesPerElement + shape.vocab * shape.biasBytesPerElement,
      0,
      n * (shape.dModel + shape.vocab) * shape.activationBytesPerElement,
      0,
    );
  },
  formulas: (shape) => ({
    matmulFlops: "2 * N * d * V",
    ...(shape.biasBytesPerElement > 0 ? { otherFlops: "N * V" } : {}),
    weightBytes: shape.biasBytesPerElement > 0 ? "d * V * ew + V * eb" : "d * V * ew",
    activationBytes: "N * (d + V) * ea",
  }),
  symbols: (shape, point) => ({
    N: point.logitsTokens,
    d: shape.dModel,
    V: shape.vocab,
    ew: shape.weightBytesPerElement,
    eb: shape.biasBytesPerElement,
    ea: shape.activationBytesPerElement,
  }),
};
