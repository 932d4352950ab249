/**
 * The function between a feed-forward network's projections: f(u), or f(g) · u where gated; gate first, then up, in one row.
 * Source: Shazeer 2020 (GLU variants); cost: src/operations/feed-forward-activation.ts.
 */
import type { ActivationFunction, Processor, Tensor } from "./processor.ts";

export interface FeedForwardActivationArguments {
  readonly tokens: number;
  readonly dFf: number;
  readonly gated: boolean;
  readonly kind: ActivationFunction;
  /** [T, F], or [T, 2 F]: the gate's F, then the other's. */
  readonly input: Tensor;
  /** [T, F]. */
  readonly output: Tensor;
}

export function feedForwardActivation(p: Processor, a: FeedForwardActivationArguments): void {
  const width = a.gated ? 2 * a.dFf : a.dFf;
  for (let t = 0; t < a.tokens; t++) {
    for (let i = 0; i < a.dFf; i++) {
      let y = p.arithmetic.activation(a.kind, a.input.read(t * width + i));
      if (a.gated) y = p.arithmetic.multiply(y, a.input.read(t * width + a.dFf + i));
      a.output.write(t * a.dFf + i, y);
    }
  }
}
