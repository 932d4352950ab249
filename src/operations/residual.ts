/**
 * The residual addition: x + y over d features.
 * FLOPs = T d; activations = 3 T d e_a (two read, one written)
 * Source: He et al. 2016; counting rule A1 in docs/counting.md.
 * @example T 1, d 4096, bf16: 4_096 FLOPs, 24_576 activation bytes
 */
import { type OperationDefinition, setCounts } from "./operation.ts";

export interface ResidualShape {
  readonly dModel: number;
  readonly activationBytesPerElement: number;
}

export const residual: OperationDefinition<ResidualShape> = {
  kind: "residual",
  source: "He et al. 2016",
  count(shape, point, into) {
    const elements = point.tokens * shape.dModel;
    setCounts(into, 0, elements, 0, 0, 3 * elements * shape.activationBytesPerElement, 0);
  },
  formulas: () => ({ otherFlops: "T * d", activationBytes: "3 * T * d * ea" }),
  symbols: (shape, point) => ({ T: point.tokens, d: shape.dModel, ea: shape.activationBytesPerElement }),
};
