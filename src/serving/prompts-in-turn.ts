/**
 * Prompts that fill steps, so that they are served one after the other: an M/G/1 queue of X = P + n D seconds each, n steps (X = P where
 * they are computed before any decoding). What comes while a request waits (W) and its own prompt is computed is served before or
 * beside its first further tokens, with all that comes meanwhile:
 *   v = ρ (W + X) / (1 − ρ)      ρ = λ X
 *   first   v seconds pass before its first decode step
 *   mixed   m = v / F of its K steps are full, of F = D + P / n seconds in the place of the usual S = D / (1 − λ P); since m varies by
 *           more than itself, of few steps some are not: m K / (K + 3/2 m)
 * Source: busy period of M/G/1 begun with work (Takács 1962); waiting-time.ts.
 */
import { weighted } from "./length-nodes.ts";
import { singleServerWaiting } from "./waiting-time.ts";

export interface InTurnQuestion {
  /** λ, ca² and D. */
  readonly ratePerSecond: number;
  readonly arrivalVariation: number;
  readonly decodeStepSeconds: number;
  /** P of each of the workload's input lengths, and n, which is below 1 for prompts that fill a part of a step. */
  readonly prompts: readonly number[];
  readonly weights: readonly number[];
  readonly stepsOfPrompt: readonly number[];
  /** Whether the engine computes prompts before any decoding. */
  readonly isFirst: boolean;
  readonly tokensPerStep: number;
}

export interface InTurn {
  /** Of the workload's prompts; the rest is computed with all others that came in the same step. */
  readonly share: number;
  /** Of a step that is full of prompts, over the tokens of a step: none lasts longer. */
  readonly fullSeconds: number;
  /** What prompts behind a request's own add to the time of so many further tokens. */
  behindSeconds(further: number): number;
}

const mostLoad = 0.995;
const skew = 1.5;

/** Share of prompts that are served in turn: all where they fill a step on average, none where they fill half of one. */
export function inTurnShare(stepsOfPrompt: readonly number[], weights: readonly number[]): number {
  return 1 - Math.max(0, Math.min(1, 1 / weighted(stepsOfPrompt, weights) - 1));
}

/** Null where no prompt is. */
export function promptsInTurn(question: InTurnQuestion): InTurn | null {
  const { ratePerSecond, arrivalVariation, decodeStepSeconds, prompts, weights, stepsOfPrompt, isFirst } = question;
  const share = isFirst ? 1 : inTurnShare(stepsOfPrompt, weights);
  if (share === 0) return null;
  const served = prompts.map((seconds, i) => seconds + (isFirst ? 0 : stepsOfPrompt[i]! * decodeStepSeconds));
  const mean = weighted(served, weights);
  const square = weighted(
    served.map((each) => each * each),
    weights,
  );
  // Kept a little below one, beyond which a replica does not keep up.
  const load = Math.min(mostLoad, ratePerSecond * mean);
  const waiting = singleServerWaiting(load / mean, mean, square, arrivalVariation);
  const leftSeconds = (load * (waiting.probability * waiting.seconds + mean)) / (1 - load);
  if (isFirst) return { share, behindSeconds: () => leftSeconds, fullSeconds: Number.POSITIVE_INFINITY };
  const meanPrompt = weighted(prompts, weights);
  const full = decodeStepSeconds + meanPrompt / weighted(stepsOfPrompt, weights);
  const usual = Math.min(full, decodeStepSeconds / Math.max(1e-9, 1 - ratePerSecond * meanPrompt));
  const fullSteps = leftSeconds / full;
  return {
    share,
    fullSeconds: share < 1 ? Number.POSITIVE_INFINITY : full / question.tokensPerStep,
    behindSeconds(further) {
      const stayed = further / question.tokensPerStep;
      return ((full - usual) * fullSteps * stayed) / (stayed + skew * fullSteps);
    },
  };
}
