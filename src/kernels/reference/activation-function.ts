/**
 * SiLU, GELU (its exact form), ReLU and the sigmoid.
 * Source: Hendrycks and Gimpel 2016 (GELU, SiLU); the error function by its series below 3 and its continued fraction above
 * (Abramowitz and Stegun 1964, 7.1.6 and 7.1.14), both to double precision.
 */
import type { ActivationFunction } from "./processor.ts";

/** @example activationFunction("silu", 0) is 0, activationFunction("gelu", 1) is 0.8413447460685429 */
export function activationFunction(kind: ActivationFunction, x: number): number {
  switch (kind) {
    case "silu":
      return x * sigmoid(x);
    case "gelu":
      return 0.5 * x * (1 + errorFunction(x / Math.SQRT2));
    case "relu":
      return Math.max(0, x);
    case "sigmoid":
      return sigmoid(x);
  }
}

/** 1 / (1 + e^−x), without overflow for large negative x. */
function sigmoid(x: number): number {
  if (x >= 0) return 1 / (1 + Math.exp(-x));
  const e = Math.exp(x);
  return e / (1 + e);
}

function errorFunction(x: number): number {
  const z = Math.abs(x);
  const value = z < 3 ? errorSeries(z) : 1 - complementFraction(z);
  return x < 0 ? -value : value;
}

/** erf z = 2/√π e^(−z²) Σ 2^n z^(2n+1) / (1·3·…·(2n+1)): all terms positive, so nothing cancels. */
function errorSeries(z: number): number {
  let term = z;
  let sum = z;
  for (let n = 1; term > 1e-17 * sum; n++) {
    term *= (2 * z * z) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-z * z) * sum;
}

/** erfc z = e^(−z²)/√π · 1/(z + (1/2)/(z + 1/(z + (3/2)/(z + …)))), from the inside out. */
function complementFraction(z: number): number {
  let tail = z;
  for (let n = 60; n >= 1; n--) tail = z + n / 2 / tail;
  return Math.exp(-z * z) / (Math.sqrt(Math.PI) * tail);
}
