/**
 * Drafts of k tokens, each taken with probability a: a step verifies k + 1 tokens a sequence and takes (1 − a^(k+1)) / (1 − a) of
 * them on average. Source: Leviathan, Kalman and Matias 2023, equation 1.
 */
import type { Model } from "../architecture/model.ts";

/** How drafts are made and how many of them are right. */
export interface Speculation {
  /** k: tokens drafted for each sequence and step. */
  readonly tokens: number;
  /** a: the probability that a drafted token is taken, 0 up to but not 1. */
  readonly acceptance: number;
  /** Who drafts; null: a head of one layer on the model itself. */
  readonly draft: Model | null;
}

/** Tokens that a sequence gets from a step on average. @example 3 drafted, 0.7 of them right: 2.533 */
export function acceptedTokens({ tokens, acceptance }: Pick<Speculation, "tokens" | "acceptance">): number {
  return (1 - acceptance ** (tokens + 1)) / (1 - acceptance);
}
