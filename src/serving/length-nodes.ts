/**
 * A few lengths with weights in the place of a distribution, closer together far out, with its very mean and mean square: sums over
 * them stand for means over requests.
 *   node = 1 + k (q − 1)^γ      q  the length in the middle of the node's share; k and γ, near 1, keep mean and mean square
 * The mean square falls short of a distribution whose longest 0.7 % hold nearly all tokens.
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
  return { tokens: stretched(middles, weights, lengths), weights };
}

/** Rounds of the search for γ; each halves what is left. */
const rounds = 50;
const mostPower = 16;

function stretched(middles: readonly number[], weights: readonly number[], lengths: LengthDistribution): number[] {
  const longest = Math.max(...middles) - 1;
  // Relative to the longest, so that no power leaves the range of numbers.
  const beyond = middles.map((each) => (longest > 0 ? (each - 1) / longest : 0));
  const meanBeyond = lengths.mean - 1;
  const at = (power: number): number[] => {
    const powers = beyond.map((each) => (each > 0 ? each ** power : 0));
    const scale = meanBeyond / weighted(powers, weights);
    return powers.map((each) => 1 + scale * each);
  };
  const meanSquare = (tokens: readonly number[]): number =>
    weighted(
      tokens.map((each) => each * each),
      weights,
    );
  if (longest <= 0) return middles.map(() => lengths.mean);
  let low = 0;
  let high = mostPower;
  for (let round = 0; round < rounds; round++) {
    const middle = (low + high) / 2;
    if (meanSquare(at(middle)) < lengths.meanSquare) low = middle;
    else high = middle;
  }
  return at(high);
}

/** The mean with weights that sum to 1. */
export function weighted(values: readonly number[], weights: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! * weights[i]!;
  return sum;
}
