/**
 * Absorption in latent attention: a matrix of its own for each head takes queries into the latent space (W^UKᵀ, transposed)
 * or outputs out of it (W^UV). Each weight is read once for all tokens.
 * Source: DeepSeek-V2 2024, the note under equation 19; cost: src/operations/latent-absorption.ts.
 */
import { multiplyMatrix } from "./linear.ts";
import { type Processor, store, type Tensor } from "./processor.ts";

export interface LatentAbsorptionArguments {
  readonly tokens: number;
  readonly heads: number;
  readonly inFeatures: number;
  readonly outFeatures: number;
  readonly input: Tensor;
  /** First element of a token's vector of one head. */
  readonly inputOffset: (token: number, head: number) => number;
  /** [H, out, in], or [H, in, out] where transposed. */
  readonly weights: Tensor;
  readonly transposed: boolean;
  /** [T, H, out]. */
  readonly output: Tensor;
}

export function absorb(p: Processor, a: LatentAbsorptionArguments): void {
  const { tokens, heads, inFeatures: k, outFeatures: n } = a;
  for (let head = 0; head < heads; head++) {
    const x = new Float64Array(tokens * k);
    for (let t = 0; t < tokens; t++) {
      const from = a.inputOffset(t, head);
      for (let i = 0; i < k; i++) x[t * k + i] = a.input.read(from + i);
    }
    const matrix = head * n * k;
    const weight = (out: number, i: number): number =>
      a.weights.read(matrix + (a.transposed ? i * n + out : out * k + i));
    const y = new Float64Array(tokens * n);
    multiplyMatrix(p, x, tokens, k, n, weight, y);
    for (let t = 0; t < tokens; t++) store(a.output, (t * heads + head) * n, y.subarray(t * n, (t + 1) * n));
  }
}
