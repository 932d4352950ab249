/**
 * How many prompts share a step of an engine that computes all waiting ones before it decodes. After a decode step of D seconds those
 * that came meanwhile are computed, then those that came while these were, until none has: generations of prompts, each of which
 * begets Poisson(λ p) of the next, and each step of which begets Poisson(λ s), s seconds that a step of prompts takes beside its prompts.
 *   F₁(x) = e^(λ D (x − 1))      Fₖ₊₁(x) = Fₖ(0) + e^(λ s (x − 1)) (Fₖ(φ(x)) − Fₖ(0))      φ(x) = E[e^(λ p (x − 1))]
 *   G = Σ (1 − Fₖ(0))            steps of prompts after a decode step
 *   N = λ (D + s G) / (1 − a)    prompts in them; a = λ E[p]
 *   Q = (λ² (D² + s² G + E[p²] N) + 2 λ s a N) / (1 − a²)      pairs of prompts in one step, E[n (n − 1)] summed
 * Source: generating functions of branching processes with immigration (Harris 1963) for the gated busy period (Fuhrmann and Cooper 1985).
 */
import { weighted } from "./length-nodes.ts";

export interface SharedSteps {
  /** λ */
  readonly ratePerSecond: number;
  /** D */
  readonly decodeStepSeconds: number;
  /** s, and each p with its weight. */
  readonly sharedSeconds: number;
  readonly ownSeconds: readonly number[];
  readonly weights: readonly number[];
}

export interface PromptsTogether {
  /** G */
  readonly steps: number;
  /** Mean and variance of the prompts in one of them. */
  readonly mean: number;
  readonly variance: number;
}

/** Generations that are told apart; where prompts take nearly all the time there are more, whose few steps are not shared. */
const mostGenerations = 40;
const mostBegot = 0.98;
const closeTo1 = 1e-4;

/**
 * @example λ D = 1, nothing comes while prompts are computed (s = p = 0): 1 − 1/e = 0.63 steps of 1.58 prompts
 */
export function promptsTogether(of: SharedSteps): PromptsTogether {
  const { ratePerSecond, decodeStepSeconds, sharedSeconds, ownSeconds, weights } = of;
  const mean = weighted(ownSeconds, weights);
  const square = ownSeconds.reduce((sum, each, i) => sum + weights[i]! * each * each, 0);
  const begot = Math.min(mostBegot, ratePerSecond * mean);
  const steps = generationsOf(of, mean, Math.max(0, square - mean * mean));
  const shared = ratePerSecond * sharedSeconds;
  const prompts = (ratePerSecond * decodeStepSeconds + shared * steps) / (1 - begot);
  const pairs =
    ((ratePerSecond * decodeStepSeconds) ** 2 +
      shared * shared * steps +
      ratePerSecond ** 2 * square * prompts +
      2 * shared * begot * prompts) /
    (1 - begot * begot);
  if (!(steps > 0)) return { steps: 0, mean: 1, variance: 0 };
  const together = Math.max(1, prompts / steps);
  return { steps, mean: together, variance: Math.max(0, pairs / steps + together - together * together) };
}

/** G: a generation's Fₖ(0) is worked out from F₁ at the points 0, φ(0), φ(φ(0)) …, which end near 1. */
function generationsOf(
  { ratePerSecond, decodeStepSeconds, sharedSeconds }: SharedSteps,
  mean: number,
  variance: number,
): number {
  // Prompts' seconds as a gamma distribution: φ(x) = (1 + λ (1 − x) σ² / p)^(−p² / σ²).
  const scale = mean > 0 ? variance / mean : 0;
  const begets = (missing: number): number => {
    const expected = ratePerSecond * missing;
    return scale > 1e-9 * mean ? (1 + expected * scale) ** (-mean / scale) : Math.exp(-expected * mean);
  };
  /** Fₖ at the points so far, and e^(λ s (x − 1)). */
  const values: number[] = [];
  const begotten: number[] = [];
  for (let x = 0; values.length < mostGenerations && 1 - x > closeTo1; x = begets(1 - x)) {
    values.push(Math.exp(ratePerSecond * decodeStepSeconds * (x - 1)));
    begotten.push(Math.exp(ratePerSecond * sharedSeconds * (x - 1)));
  }
  let steps = 0;
  for (let k = 0; k < mostGenerations; k++) {
    const none = values[0]!;
    steps += 1 - none;
    if (1 - none < closeTo1) break;
    for (let j = 0; j < values.length; j++) values[j] = none + begotten[j]! * ((values[j + 1] ?? 1) - none);
  }
  return steps;
}
