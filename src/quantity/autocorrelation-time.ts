/**
 * How many samples in a row tell as much of the median as one independent sample does. With ρ_k the correlation, k samples apart,
 * of being above or below the median (that is what the median's interval counts),
 *   τ = 1 + 2 Σ ρ_k = −1 + 2 Σ Γ_m,   Γ_m = ρ_2m + ρ_2m+1,
 * summed while Γ_m is above 0, and no term larger than the one before. Below 1 (samples that take turns) it counts as 1. Few samples
 * show too little of it, so one standard error is added: τ √(2 (2 W + 1) / n) for W lags summed of n samples.
 * Sources: Geyer 1992 (Practical Markov chain Monte Carlo), initial monotone sequence; Madras and Sokal 1988, appendix C (the error).
 * @example independent samples have about 1; those where each keeps 0.8 of the one before about 6
 */
import { median } from "./sample-statistics.ts";

/** τ of samples in the order in which they were taken; 1 where all are equal. @throws RangeError for none */
export function autocorrelationTime(samples: readonly number[]): number {
  const middle = median(samples);
  const sides = Int8Array.from(samples, (sample) => Math.sign(sample - middle));
  const apart = sides.reduce((sum, side) => sum + side * side, 0);
  if (apart === 0) return 1;
  let time = -1;
  let before = Number.POSITIVE_INFINITY;
  let lags = 0;
  for (; lags + 1 < sides.length; lags += 2) {
    const pair = (productSum(sides, lags) + productSum(sides, lags + 1)) / apart;
    if (pair <= 0) break;
    before = Math.min(before, pair);
    time += 2 * before;
  }
  return time <= 1 ? 1 : time * (1 + Math.sqrt((2 * (2 * lags + 1)) / sides.length));
}

function productSum(sides: Int8Array, lag: number): number {
  let sum = 0;
  for (let i = lag; i < sides.length; i++) sum += sides[i]! * sides[i - lag]!;
  return sum;
}
