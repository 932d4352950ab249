/** The function between a feed-forward network's projections: f(u), or f(g) · u of rows that hold g, then u. */
import { sigmoidWgsl, elementwiseThreads as threads } from "./elementwise-grid.ts";
import { type WgslKernel, wgslKernel } from "./wgsl-kernel.ts";

/** GELU's error function: Abramowitz and Stegun 1964, 7.1.26, absolute error below 1.5e-7. */
const errorFunction = `fn error_function(x: f32) -> f32 {
  let z = abs(x);
  let t = 1.0 / (1.0 + 0.3275911 * z);
  let sum = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  return sign(x) * (1.0 - sum * exp(max(-z * z, -80.0)));
}`;

const activations = {
  silu: `${sigmoidWgsl}\nfn activated(x: f32) -> f32 { return x * sigmoid(x); }`,
  gelu: `${errorFunction}\nfn activated(x: f32) -> f32 { return 0.5 * x * (1.0 + error_function(x * 0.70710678)); }`,
  relu: "fn activated(x: f32) -> f32 { return max(x, 0.0); }",
};

export interface ActivationShape {
  readonly tokens: number;
  readonly dFf: number;
  readonly gated: boolean;
  readonly activation: "silu" | "gelu" | "relu";
}

export function activationKernel({ tokens, dFf, gated, activation }: ActivationShape): WgslKernel {
  return wgslKernel({
    name: `${gated ? "gated " : ""}${activation}`,
    threads,
    bindings: [
      { name: "inputs", access: "read", element: "f32" },
      { name: "outputs", access: "read_write", element: "f32" },
    ],
    declarations: activations[activation],
    body: gated
      ? `let i = group * ${threads}u + thread;
  if (i >= ${tokens * dFf}u) { return; }
  let at = i / ${dFf}u * ${2 * dFf}u + i % ${dFf}u;
  outputs[i] = activated(inputs[at]) * inputs[at + ${dFf}u];`
      : `let i = group * ${threads}u + thread;
  if (i >= ${tokens * dFf}u) { return; }
  outputs[i] = activated(inputs[i]);`,
  });
}
