/**
 * Norms of vectors x of n features:
 *   rms    x / √(mean(x²) + ε) · w                 4 operations a feature: square, add, scale, weight
 *   layer  (x − mean) / √(var + ε) · w (+ b)       6: add, centre, square, add, scale, weight; 7 with a bias
 *   plain  layer norm without weights              5
 * The scalars of a vector (mean, ε, root, reciprocal) are not a feature's work and are tallied aside: 4 for rms, 5 otherwise.
 * Source: Zhang and Sennrich 2019 (RMS), Ba et al. 2016 (layer); cost: src/operations/normalization.ts.
 */
import { load, type Processor, type Tensor } from "./processor.ts";

export interface NormalizationArguments {
  readonly norm: "rms" | "layer" | "plain";
  readonly features: number;
  readonly vectors: number;
  readonly input: Tensor;
  /** First element of a vector in the input; vector × features where not given. */
  readonly inputOffset?: (vector: number) => number;
  /** May be the input itself. */
  readonly output: Tensor;
  readonly outputOffset?: (vector: number) => number;
  /** Null for a plain norm. */
  readonly weight: Tensor | null;
  readonly bias: Tensor | null;
  readonly epsilon: number;
}

export function normalize(p: Processor, a: NormalizationArguments): void {
  const n = a.features;
  const weight = a.weight === null ? null : load(a.weight, 0, n);
  const bias = a.bias === null ? null : load(a.bias, 0, n);
  const packed = (vector: number): number => vector * n;
  const from = a.inputOffset ?? packed;
  const to = a.outputOffset ?? packed;
  for (let vector = 0; vector < a.vectors; vector++) {
    const x = load(a.input, from(vector), n);
    if (a.norm !== "rms") centre(p, x);
    const scale = reciprocalRoot(p, x, a.epsilon);
    for (let i = 0; i < n; i++) {
      let y = p.arithmetic.multiply(x[i] as number, scale);
      if (weight !== null) y = p.arithmetic.multiply(y, weight[i] as number);
      if (bias !== null) y = p.arithmetic.add(y, bias[i] as number);
      a.output.write(to(vector) + i, y);
    }
  }
}

/** x − mean(x): 2 operations a feature and a division. */
function centre(p: Processor, x: Float64Array): void {
  let sum = 0;
  for (const value of x) sum = p.arithmetic.add(sum, value);
  const mean = p.aside.divide(sum, x.length);
  for (let i = 0; i < x.length; i++) x[i] = p.arithmetic.subtract(x[i] as number, mean);
}

/** 1 / √(mean(x²) + ε): 2 operations a feature and 4 scalars. */
export function reciprocalRoot(p: Processor, x: Float64Array, epsilon: number): number {
  let sum = 0;
  for (const value of x) sum = p.arithmetic.add(sum, p.arithmetic.multiply(value, value));
  const mean = p.aside.divide(sum, x.length);
  return p.aside.divide(1, p.aside.squareRoot(p.aside.add(mean, epsilon)));
}
