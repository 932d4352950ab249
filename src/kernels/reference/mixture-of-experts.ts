/**
 * The routed experts: each expert that some token chose reads its weights once and runs its feed-forward network on its
 * tokens' rows; a token's output is the weighted sum of its experts'. Experts that no token chose are not touched.
 * Biases of experts are added like a projection's: T k (m F + d) operations.
 * Source: Shazeer et al. 2017, equation 1; cost: src/operations/mixture-of-experts.ts.
 */
import { feedForwardActivation } from "./feed-forward-activation.ts";
import { linear } from "./linear.ts";
import type { ActivationFunction, Processor, Tensor } from "./processor.ts";
import type { Routing } from "./routing.ts";

export interface ExpertWeights {
  /** [m F, d], m = 2 where gated. */
  readonly up: Tensor;
  readonly upBias: Tensor | null;
  /** [d, F]. */
  readonly down: Tensor;
  readonly downBias: Tensor | null;
}

export interface MixtureArguments {
  readonly tokens: number;
  readonly dModel: number;
  readonly dFf: number;
  readonly gated: boolean;
  readonly kind: ActivationFunction;
  readonly experts: readonly ExpertWeights[];
  readonly routing: Routing;
  /** Output [T, d] of the experts that every token passes, and their gate [T]: added in, aside, since no operation counts it. */
  readonly shared: { readonly output: Tensor; readonly gate: Tensor | null } | null;
  /** [T, d]. */
  readonly input: Tensor;
  /** [T, d]. */
  readonly output: Tensor;
  readonly activationBytesPerElement: number;
}

export function mixtureOfExperts(p: Processor, a: MixtureArguments): void {
  const { dModel: d, dFf, gated } = a;
  const k = a.routing.expertsPerToken;
  const scratch = (length: number): Tensor =>
    p.tensor("activations", new Float64Array(length), a.activationBytesPerElement);
  const outputOf = new Map<number, { readonly tensor: Tensor; readonly row: number }>();
  a.experts.forEach((expert, e) => {
    const slots = [...a.routing.experts.keys()].filter((slot) => a.routing.experts[slot] === e);
    const n = slots.length;
    if (n === 0) return;
    const width = (gated ? 2 : 1) * dFf;
    const raised = scratch(n * width);
    const active = scratch(n * dFf);
    const tensor = scratch(n * d);
    const inputOffset = (row: number): number => Math.floor((slots[row] as number) / k) * d;
    const up = { tokens: n, inFeatures: d, outFeatures: width, weights: expert.up, bias: expert.upBias };
    linear(p, { ...up, input: a.input, inputOffset, output: raised });
    feedForwardActivation(p, { tokens: n, dFf, gated, kind: a.kind, input: raised, output: active });
    const down = { tokens: n, inFeatures: dFf, outFeatures: d, weights: expert.down, bias: expert.downBias };
    linear(p, { ...down, input: active, output: tensor });
    slots.forEach((slot, row) => {
      outputOf.set(slot, { tensor, row });
    });
  });
  for (let t = 0; t < a.tokens; t++) {
    const gate =
      a.shared === null || a.shared.gate === null ? null : p.aside.activation("sigmoid", a.shared.gate.readAside(t));
    for (let i = 0; i < d; i++) {
      let sum = 0;
      for (let slot = t * k; slot < (t + 1) * k; slot++) {
        const source = outputOf.get(slot);
        if (source === undefined) throw new RangeError(`token ${t} chose expert ${a.routing.experts[slot]}`);
        const y = source.tensor.read(source.row * d + i);
        sum = p.arithmetic.add(sum, p.arithmetic.multiply(a.routing.weights[slot] as number, y));
      }
      if (a.shared !== null) {
        const y = a.shared.output.readAside(t * d + i);
        sum = p.aside.add(sum, gate === null ? y : p.aside.multiply(gate, y));
      }
      a.output.write(t * d + i, sum);
    }
  }
}
