/**
 * RMS norm, layer norm, or a norm without weights, over n features of each of m vectors a token.
 * FLOPs a feature: RMS 4 (square, add, scale, weight); layer 6 (mean, centre, square, add, scale, weight) and 1 with a bias;
 * plain 5. Activations are read and written once: 2 T m n e_a.
 * Source: Zhang and Sennrich 2019 (RMS), Ba et al. 2016 (layer); counting rule F2 in docs/counting.md.
 * @example RMS, T 1, n 4096, bf16: 16_384 FLOPs, 8_192 weight bytes, 16_384 activation bytes
 */
import { type OperationDefinition, setCounts } from "./operation.ts";

export interface NormalizationShape {
  /** n: features normalised together. */
  readonly features: number;
  /** m: vectors a token (1, or heads where each head is normalised). */
  readonly vectors: number;
  readonly flopsPerFeature: number;
  readonly weightBytes: number;
  readonly activationBytesPerElement: number;
}

export const normalization: OperationDefinition<NormalizationShape> = {
  kind: "normalization",
  source: "Zhang and Sennrich 2019; Ba et al. 2016",
  count(shape, point, into) {
    const elements = point.tokens * shape.vectors * shape.features;
    setCounts(
      into,
      0,
      elements * shape.flopsPerFeature,
      shape.weightBytes,
      0,
      2 * elements * shape.activationBytesPerElement,
      0,
    );
  },
  formulas: () => ({
    otherFlops: "T * m * n * a",
    weightBytes: "W",
    activationBytes: "2 * T * m * n * ea",
  }),
  symbols: (shape, point) => ({
    T: point.tokens,
    m: shape.vectors,
    n: shape.features,
    a: shape.flopsPerFeature,
    W: shape.weightBytes,
    ea: shape.activationBytesPerElement,
  }),
};

/** FLOPs a feature of each kind of norm. */
export function normFlopsPerFeature(norm: "rms" | "layer" | "plain", bias: boolean): number {
  if (norm === "rms") return 4;
  if (norm === "plain") return 5;
  return bias ? 7 : 6;
}
