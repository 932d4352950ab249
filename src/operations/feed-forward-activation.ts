/**
 * The function between a feed-forward network's projections, over F features: SiLU, GELU or ReLU, times the gate where gated.
 * FLOPs = T F (4 + 1 if gated): any activation function is counted as 4 (rule F3); activations = T F (2 + 1 if gated) e_a
 * Source: Shazeer 2020 (GLU variants); counting rule F3 in docs/counting.md.
 * @example gated, T 1, F 11008, bf16: 55_040 FLOPs, 66_048 activation bytes
 */
import { type OperationDefinition, setCounts } from "./operation.ts";

/** FLOPs that one activation function counts as, whichever it is. */
export const activationFunctionFlops = 4;

export interface FeedForwardActivationShape {
  readonly dFf: number;
  readonly gated: boolean;
  readonly activationBytesPerElement: number;
}

export const feedForwardActivation: OperationDefinition<FeedForwardActivationShape> = {
  kind: "feed-forward-activation",
  source: "Shazeer 2020, GLU variants",
  count(shape, point, into) {
    const elements = point.tokens * shape.dFf;
    const gate = shape.gated ? 1 : 0;
    setCounts(
      into,
      0,
      elements * (activationFunctionFlops + gate),
      0,
      0,
      elements * (2 + gate) * shape.activationBytesPerElement,
      0,
    );
  },
  formulas: () => ({ otherFlops: "T * F * (4 + g)", activationBytes: "T * F * (2 + g) * ea" }),
  symbols: (shape, point) => ({
    T: point.tokens,
    F: shape.dFf,
    g: shape.gated ? 1 : 0,
    ea: shape.activationBytesPerElement,
  }),
};
