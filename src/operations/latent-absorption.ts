/**
 * Absorption in latent attention: each head's queries are multiplied into the latent space, its outputs back out of it.
 * One matrix of r × m a head; m is the head's position-free key dimension (queries) or its value dimension (outputs).
 * FLOPs = 2 T H m r; weight bytes = H m r e_w; activations = T H (m + r) e_a
 * Source: DeepSeek-V2 2024, the note under equation 19.
 * @example T 1, H 128, m 128, r 512, bf16: 16_777_216 FLOPs, 16_777_216 weight bytes
 */
import { type OperationDefinition, setCounts } from "./operation.ts";

export interface LatentAbsorptionShape {
  readonly heads: number;
  /** m: the head dimension taken into or out of the latent space. */
  readonly headDim: number;
  readonly kvRank: number;
  readonly weightBytesPerElement: number;
  readonly activationBytesPerElement: number;
}

export const latentAbsorption: OperationDefinition<LatentAbsorptionShape> = {
  kind: "latent-absorption",
  source: "DeepSeek-V2 2024, note under equation 19",
  count(shape, point, into) {
    const matrix = shape.heads * shape.headDim * shape.kvRank;
    setCounts(
      into,
      2 * point.tokens * matrix,
      0,
      matrix * shape.weightBytesPerElement,
      0,
      point.tokens * shape.heads * (shape.headDim + shape.kvRank) * shape.activationBytesPerElement,
      0,
    );
  },
  formulas: () => ({
    matmulFlops: "2 * T * H * m * r",
    weightBytes: "H * m * r * ew",
    activationBytes: "T * H * (m + r) * ea",
  }),
  symbols: (shape, point) => ({
    T: point.tokens,
    H: shape.heads,
    m: shape.headDim,
    r: shape.kvRank,
    ew: shape.weightBytesPerElement,
    ea: shape.activationBytesPerElement,
  }),
};
