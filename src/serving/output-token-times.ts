/**
 * How the time of an output token differs from request to request. Steps are S = D₀ + D' B + P n, with n prompts and B sequences that
 * each stay K steps. Prompts beget prompts (those that come while they are computed), so that both are correlated:
 *   a = λ P                          what a prompt begets in the next step
 *   b = D' B / (1 − a) / TPOT        what the sequences' own growth of steps begets over their stay
 *   Var(n) = E[n] / (1 − a²)         Var(B) = B / (1 − a)² / (1 − b)
 * A request meets the steps in proportion to the sequences in them:
 *   mean   E[S] + P a (1 − aᴷ) E[P²] / E[P]² / ((1 − a)² (1 + a) K) + D' Var(B) / B / (1 − a)
 *   its own mean over K steps varies by the prompts that fall into its time and by the sequences beside it, on average over a time
 *   that is x of theirs by the share 1 − x / 3 (M/D/∞), taken as lognormal, since it is skewed
 * Prompts that fill steps delay those whose own came before them (prompts-in-turn.ts); there no token takes longer than a full step, so
 * that a mean M between a step that decodes, D, and a full one, F, varies by (F − M) (M − D) at most.
 * Source: Fokianos et al. 2009 (linear Poisson autoregression): Var(n), its covariances aʲ Var(n).
 */
import { normalQuantile, normalShareBelow } from "../quantity/normal-distribution.ts";
import { weighted } from "./length-nodes.ts";
import type { InTurn } from "./prompts-in-turn.ts";

export interface OutputTokenQuestion {
  /** λ */
  readonly ratePerSecond: number;
  /** E[S] over the tokens that a sequence gets from a step. */
  readonly meanSeconds: number;
  /** Of a step that only decodes, over the tokens that a sequence gets from it. */
  readonly decodeSeconds: number;
  /** B, and D' over the tokens of a step. */
  readonly decoding: number;
  readonly growthSeconds: number;
  /** P: mean and mean square. */
  readonly promptSeconds: number;
  readonly promptSquare: number;
  /** Of the workload's answers, tokens after the first one; 0 for answers of one token. */
  readonly furtherTokens: readonly number[];
  readonly weights: readonly number[];
  readonly meanFurther: number;
  readonly arrivalVariation: number;
  /** Whether so many are in the engine as users send: then neither prompts nor sequences beget others. */
  readonly isClosed: boolean;
  /** Prompts that fill steps and are served in turn; null where all that come in a step are computed in the next. */
  readonly inTurn: InTurn | null;
}

export interface OutputTokenTimes {
  /** Over requests. */
  readonly meanSeconds: number;
  /** All further tokens of a request, on average. */
  readonly answerSeconds: number;
  at(share: number): number;
}

const noTurn: InTurn = { share: 0, behindSeconds: () => 0, fullSeconds: Number.POSITIVE_INFINITY };

/** What is begot is kept below one: beyond it a replica does not keep up anyway. */
const mostBegot = 0.95;

export function outputTokenTimes(question: OutputTokenQuestion): OutputTokenTimes {
  const { ratePerSecond, meanSeconds: step, decoding, promptSeconds, promptSquare } = question;
  const { furtherTokens, weights, meanFurther, arrivalVariation } = question;
  const begot = question.isClosed ? 0 : Math.min(mostBegot, ratePerSecond * promptSeconds);
  const growthSeconds = question.isClosed ? 0 : question.growthSeconds;
  const grown = Math.min(mostBegot, (growthSeconds * decoding) / (1 - begot) / step);
  const crowding = arrivalVariation / (1 - begot) ** 2 / (1 - grown);
  const size = promptSeconds > 0 ? promptSquare / promptSeconds : 0;
  const crowded = (growthSeconds * crowding) / (1 - begot);
  const { share: turnShare, behindSeconds, fullSeconds } = question.inTurn ?? noTurn;
  const most = Math.max(step, fullSeconds);
  const usual = Math.max(1, meanFurther);
  const begotten = (size * begot * arrivalVariation * (1 - begot ** usual)) / ((1 - begot) ** 2 * (1 + begot) * usual);
  // An answer of one token has no further one; there are too few of those to matter to the others' share.
  const furthers = furtherTokens.map((tokens) => Math.max(1, tokens));
  const means = furthers.map((further) => {
    const after = (1 - turnShare) * begotten + (turnShare * behindSeconds(further)) / further;
    return Math.min(most, step + crowded + after);
  });
  const meanSeconds = weighted(means, weights);
  const deviations = furthers.map((further, i) => {
    const x = further / usual;
    const beside = x <= 1 ? 1 - x / 3 : (1 - 1 / (3 * x)) / x;
    const prompts = (ratePerSecond * step * size * promptSeconds * arrivalVariation) / further / (1 - begot) ** 2;
    const growth = growthSeconds / (1 - begot);
    const both = (growth * size * ratePerSecond * step * Math.min(1, x) * arrivalVariation) / (1 - begot) ** 2;
    const variance = prompts + growth * growth * decoding * crowding * (1 - begot) ** 2 * beside + both;
    // Between a step that only decodes and a full one, a mean in between varies by so much at most.
    const widest = Math.max(0, (most - means[i]!) * (means[i]! - question.decodeSeconds));
    const kept = Number.isFinite(most) ? 1 / (1 / variance + 1 / widest) : variance;
    return Math.sqrt(kept) / means[i]!;
  });
  // Of a lognormal time, deviation over mean c: σ² = ln(1 + c²), median mean / √(1 + c²).
  const shapes = deviations.map(
    (c, i) => [Math.log(means[i]! / Math.sqrt(1 + c * c)), Math.sqrt(Math.log(1 + c * c))] as const,
  );
  const answers = means.map((seconds, i) => seconds * Math.max(0, furtherTokens[i]!));
  return {
    meanSeconds,
    answerSeconds: weighted(answers, weights),
    at(share) {
      if (shapes.length === 0) return meanSeconds;
      if (shapes.length === 1) return Math.min(most, Math.exp(shapes[0]![0] + normalQuantile(share) * shapes[0]![1]));
      let low = Math.min(...shapes.map(([mu, sigma]) => mu - 4 * sigma));
      let high = Math.max(...shapes.map(([mu, sigma]) => mu + 5 * sigma));
      while (high - low > 1e-4) {
        const middle = (low + high) / 2;
        const below = weighted(
          shapes.map(([mu, sigma]) => normalShareBelow((middle - mu) / Math.max(sigma, 1e-9))),
          weights,
        );
        if (below < share) low = middle;
        else high = middle;
      }
      return Math.min(most, Math.exp(high));
    },
  };
}
