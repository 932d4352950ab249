/**
 * How many of a device's experts the tokens of a measured mixture touch, by how the tokens were made to choose.
 *   balanced      as evenly as can be: X = min(E, T k)
 *   power_law_a   an expert's load x is drawn with density ~ x^−a on [lo, hi], all loads are scaled to T k choices and rounded,
 *                 so that an expert is touched where x ≥ μ E / (2 T k), μ the mean of x:
 *                 X = E (hi^(1−a) − c^(1−a)) / (hi^(1−a) − lo^(1−a)), c that x, within [lo, hi]
 *                 [lo, hi] is [1, 0.8 T] where there are more choices than experts, else [0.01, 2]
 * Of the experts that several groups of devices hold, one group has its part. At most T k of them are touched, at least k.
 * The busiest group has more: experts as busiest-experts.ts says, and choices
 *   C' = (T k / g) (1 + 1.14 √(2 ln g) (σ / μ) / √n)       n = E / g experts a group, σ / μ the spread of their loads, fitted
 * Source: NVIDIA aiconfigurator, the expert loads of its collectors (snapshot 095f58a).
 */
import { busiestExperts } from "../timing/kernels/busiest-experts.ts";
import type { MoeRow } from "./measurement-row.ts";

export type ExpertChoices = Pick<MoeRow, "tokens" | "experts" | "topK" | "moeEp" | "distribution">;

/**
 * Experts touched on one group of devices.
 * @example 2 tokens, 256 experts, top 6, balanced: 12; on 4 groups: 3; 1024 tokens: 256
 */
export function touchedExperts(row: ExpertChoices): number {
  const choices = row.tokens * row.topK;
  const most = Math.min(row.experts, choices);
  if (row.distribution === "balanced") return most / row.moeEp;
  const { exponent, low, high } = powerLaw(row);
  const threshold = (powerLawMean(exponent, low, high) * row.experts) / (2 * choices);
  const touched = row.experts * shareAbove(Math.min(Math.max(threshold, low), high), exponent, low, high);
  return Math.min(Math.max(touched, row.topK), most) / row.moeEp;
}

/** Experts that are touched whatever the choice, where all tokens choose the same. @example top 8 on 4 groups: 2 */
export function leastExperts(row: ExpertChoices): number {
  return row.topK / row.moeEp;
}

/**
 * Experts touched and choices on the group of devices that has most to do.
 * @example 16 tokens, 128 experts, top 8, balanced, on 8 groups: 16 experts, 16 choices
 */
export function busiestLoad(row: ExpertChoices): { readonly touchedExperts: number; readonly choices: number } {
  const { tokens, topK, experts, moeEp } = row;
  const touched = touchedExperts(row);
  const even = (tokens * topK) / moeEp;
  const local = experts / moeEp;
  if (row.distribution === "balanced") {
    return { touchedExperts: Math.max(1, touched), choices: Math.max(1, even) };
  }
  const busiest = busiestExperts(touched, local, moeEp);
  const more = moeEp > 1 ? (1.14 * Math.sqrt(2 * Math.log(moeEp)) * loadSpread(row)) / Math.sqrt(local) : 0;
  const most = Math.min(tokens * topK, tokens * Math.max(1, local));
  return { touchedExperts: busiest, choices: Math.max(busiest, Math.min(even * (1 + more), most)) };
}

/** σ / μ of an expert's load. */
function loadSpread(row: ExpertChoices): number {
  const { exponent, low, high } = powerLaw(row);
  const mean = powerLawMean(exponent, low, high);
  const square = powerIntegral(2 - exponent, low, high) / powerIntegral(-exponent, low, high);
  return Math.sqrt(Math.max(0, square - mean * mean)) / mean;
}

function powerLaw({ tokens, topK, experts, distribution }: ExpertChoices): {
  readonly exponent: number;
  readonly low: number;
  readonly high: number;
} {
  const exponent = Number(distribution.slice("power_law_".length));
  return tokens * topK > experts
    ? { exponent, low: 1, high: Math.max(2, 0.8 * tokens) }
    : { exponent, low: 0.01, high: 2 };
}

/** ∫ x^(1−a) / ∫ x^−a over [low, high]. */
function powerLawMean(exponent: number, low: number, high: number): number {
  return powerIntegral(1 - exponent, low, high) / powerIntegral(-exponent, low, high);
}

function shareAbove(x: number, exponent: number, low: number, high: number): number {
  return powerIntegral(-exponent, x, high) / powerIntegral(-exponent, low, high);
}

function powerIntegral(power: number, low: number, high: number): number {
  if (Math.abs(power + 1) < 1e-9) return Math.log(high / low);
  return (high ** (power + 1) - low ** (power + 1)) / (power + 1);
}
