/**
 * A linear layer: y[T, n] = x[T, k] W[k, n] (+ bias). Q/K/V, output and feed-forward projections are this.
 * FLOPs = 2 T k n (two a multiply-add) and T n for a bias; weight bytes = k n e_w + bias; activations = T (k + n) e_a
 * Source: Shazeer 2019, sections 2 and 3 (the projections' terms); counting rule F1 in docs/counting.md.
 * @example T 1, k 4096, n 4096, bf16: 33_554_432 FLOPs, 33_554_432 weight bytes: 1 FLOP a byte
 */
import { type OperationDefinition, setCounts } from "./operation.ts";

export interface ProjectionShape {
  readonly inFeatures: number;
  readonly outFeatures: number;
  /** Mean over the matrix; formats with parts in different bits give a fraction. */
  readonly weightBytesPerElement: number;
  readonly biasElements: number;
  readonly biasBytesPerElement: number;
  readonly activationBytesPerElement: number;
}

export const projection: OperationDefinition<ProjectionShape> = {
  kind: "projection",
  source: "Shazeer 2019, sections 2 and 3",
  count(shape, point, into) {
    const tokens = point.tokens;
    const matrix = shape.inFeatures * shape.outFeatures;
    setCounts(
      into,
      2 * tokens * matrix,
      tokens * shape.biasElements,
      matrix * shape.weightBytesPerElement + shape.biasElements * shape.biasBytesPerElement,
      0,
      tokens * (shape.inFeatures + shape.outFeatures) * shape.activationBytesPerElement,
      0,
    );
  },
  formulas: (shape) => ({
    matmulFlops: "2 * T * k * n",
    ...(shape.biasElements > 0 ? { otherFlops: "T * nb" } : {}),
    weightBytes: shape.biasElements > 0 ? "k * n * ew + nb * eb" : "k * n * ew",
    activationBytes: "T * (k + n) * ea",
  }),
  symbols: (shape, point) => ({
    T: point.tokens,
    k: shape.inFeatures,
    n: shape.outFeatures,
    nb: shape.biasElements,
    ew: shape.weightBytesPerElement,
    eb: shape.biasBytesPerElement,
    ea: shape.activationBytesPerElement,
  }),
};
