/**
 * Gated DeltaNet: a causal convolution of width C over n channels, then a state of k × v a value head that every token
 * decays, reads, corrects and reads again. Nothing grows with the context.
 *   matmul FLOPs  6 T H k v       kᵀS, the rank-one correction, qᵀS: two FLOPs a multiply-add each
 *   other FLOPs   T H k v (decay) + 2 T n C (convolution) + 4 T n (its SiLU) + 3 T (n − H v) (queries and keys to unit length)
 *                 + 2 T H v (what is left to correct, times its rate) + 9 T H v (norm and gate of the output)
 *   K/V bytes     2 B (H k v e_s + n (C − 1) e_kv)   the state in its own format and the last inputs, read and written
 *   activations   T (n + 2 H v + 2 H) e_a              inputs, gate, the two gates of the state, normed output
 * The step reads and writes the state once however many new tokens it takes.
 * Source: Yang et al. 2024 (Gated Delta Networks), equation 10; Qwen3.5's config.json for the state's fp32.
 * @example T 1, B 1, H 48, k 128, v 128, n 10240, C 4, fp32 state, bf16: 4_718_592 matmul FLOPs, 6_414_336 K/V bytes
 */
import { type OperationDefinition, setCounts } from "./operation.ts";

export interface LinearAttentionCoreShape {
  /** H: value heads. */
  readonly valueHeads: number;
  readonly keyDim: number;
  readonly valueDim: number;
  /** n: channels of the convolution. */
  readonly channels: number;
  /** C: width of the convolution. */
  readonly convolution: number;
  /** Bytes of the convolution, norm, decay and bias. */
  readonly weightBytes: number;
  readonly stateBytesPerElement: number;
  readonly kvBytesPerElement: number;
  readonly activationBytesPerElement: number;
}

export const linearAttentionCore: OperationDefinition<LinearAttentionCoreShape> = {
  kind: "linear-attention-core",
  source: "Yang et al. 2024, Gated Delta Networks, equation 10",
  count(shape, point, into) {
    const state = shape.valueHeads * shape.keyDim * shape.valueDim;
    const output = shape.valueHeads * shape.valueDim;
    const n = shape.channels;
    setCounts(
      into,
      6 * point.tokens * state,
      point.tokens * (state + (2 * shape.convolution + 7) * n + 8 * output),
      shape.weightBytes,
      2 *
        point.sequences *
        (state * shape.stateBytesPerElement + n * (shape.convolution - 1) * shape.kvBytesPerElement),
      point.tokens * (n + 2 * output + 2 * shape.valueHeads) * shape.activationBytesPerElement,
      0,
    );
  },
  formulas: () => ({
    matmulFlops: "6 * T * H * k * v",
    otherFlops: "T * (H * k * v + (2 * C + 7) * n + 8 * H * v)",
    weightBytes: "W",
    kvBytes: "2 * B * (H * k * v * es + n * (C - 1) * ekv)",
    activationBytes: "T * (n + 2 * H * v + 2 * H) * ea",
  }),
  symbols: (shape, point) => ({
    B: point.sequences,
    T: point.tokens,
    H: shape.valueHeads,
    k: shape.keyDim,
    v: shape.valueDim,
    n: shape.channels,
    C: shape.convolution,
    W: shape.weightBytes,
    es: shape.stateBytesPerElement,
    ekv: shape.kvBytesPerElement,
    ea: shape.activationBytesPerElement,
  }),
};
