/**
 * A few lengths with weights in the place of a distribution, closer together far out, with its very mean and mean square: sums over
 * them stand for means over requests.
 */
import type { LengthDistribution } from "./length-distribution.ts";

export interface LengthNodes {
  readonly tokens: readonly number[];
  /** Sum to 1. */
  readonly weights: readonly number[];
}

/** Ends of the shares that each node stands for. */
const shares = [0, 0.08, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.95, 0.98, 0.993, 1];

/** @example of 1000 tokens for all requests: 1000 with weight 1 */
export function lengthNodes(lengths: LengthDistribution): LengthNodes {
  if (lengths.isFixed) return { tokens: [lengths.mean], weights: [1] };
  const weights = shares.slice(1).map((share, i) => share - shares[i]!);
  const middles = weights.map((weight, i) => lengths.quantile(shares[i]! + weight / 2));
  const mean = weighted(middles, weights);
  const variance =
    weighted(
      middles.map((each) => each * each),
      weights,
    ) -
    mean * mean;
  const wanted = Math.max(0, lengths.meanSquare - lengths.mean ** 2);
  const stretch = variance > 0 ? Math.sqrt(wanted / variance) : 1;
  const tokens = middles.map((each) => Math.max(1, lengths.mean + stretch * (each - mean)));
  return { tokens, weights };
}

/** The mean with weights that sum to 1. */
export function weighted(values: readonly number[], weights: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! * weights[i]!;
  return sum;
}
