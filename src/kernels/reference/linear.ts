/**
 * A linear layer: y[T, n] = x[T, k] W[n, k]ᵀ + bias[n]. Each weight is read once for all T rows, each input row once.
 * Source: Shazeer 2019, sections 2 and 3 (the projections); cost: src/operations/projection.ts. The LM head is this too.
 */
import { type Processor, store, type Tensor } from "./processor.ts";

export interface LinearArguments {
  readonly tokens: number;
  readonly inFeatures: number;
  readonly outFeatures: number;
  readonly input: Tensor;
  /** First element of a token's input row; token × inFeatures where not given. */
  readonly inputOffset?: (token: number) => number;
  /** [n, k] row by row. */
  readonly weights: Tensor;
  readonly bias: Tensor | null;
  /** [T, n]. */
  readonly output: Tensor;
}

export function linear(p: Processor, a: LinearArguments): void {
  const { tokens, inFeatures: k, outFeatures: n } = a;
  const x = loadRows(a.input, tokens, k, a.inputOffset ?? ((token) => token * k));
  const y = new Float64Array(tokens * n);
  multiplyMatrix(p, x, tokens, k, n, (out, i) => a.weights.read(out * k + i), y);
  if (a.bias !== null) {
    for (let out = 0; out < n; out++) {
      const bias = a.bias.read(out);
      for (let t = 0; t < tokens; t++) y[t * n + out] = p.arithmetic.add(y[t * n + out] as number, bias);
    }
  }
  store(a.output, 0, y);
}

/** Rows of k elements brought onto the chip, one after the other. */
export function loadRows(input: Tensor, rows: number, k: number, offset: (row: number) => number): Float64Array {
  const x = new Float64Array(rows * k);
  for (let row = 0; row < rows; row++) {
    const from = offset(row);
    for (let i = 0; i < k; i++) x[row * k + i] = input.read(from + i);
  }
  return x;
}

/** y[T, n] += x[T, k] W[n, k]ᵀ on the chip; `weight` is asked for each element of W exactly once. */
export function multiplyMatrix(
  p: Processor,
  x: Float64Array,
  tokens: number,
  k: number,
  n: number,
  weight: (out: number, i: number) => number,
  y: Float64Array,
): void {
  const arithmetic = p.arithmetic;
  for (let out = 0; out < n; out++) {
    for (let i = 0; i < k; i++) {
      const w = weight(out, i);
      for (let t = 0; t < tokens; t++) {
        const at = t * n + out;
        y[at] = arithmetic.multiplyAdd(x[t * k + i] as number, w, y[at] as number);
      }
    }
  }
}
