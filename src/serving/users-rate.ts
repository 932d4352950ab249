/**
 * Requests of users who send the next one when the last is answered, so that they come by the step, with the tokens that end answers,
 * and not with the time:
 *   rate       between a user's K tokens stand the prompts of all others, who decode or compute a prompt themselves: B + λ X − 1 of them,
 *              X seconds that a prompt's steps take. λ (K D + (B − 1) P) + λ² X P = B
 *   together   answers that a step of decoding ends, where it ends any: Poisson of mean m, m / (1 − e^(−m)); one by one where all
 *              requests are alike
 * Source: Little 1961.
 */

/**
 * Requests a second.
 * @param decoding B, above 0
 * @param tokensSeconds K D
 * @param promptSeconds P
 * @param servedSeconds X
 * @example one user alone, 2 s of tokens and 0.5 s of a prompt that hold it up for 0.5 s: 0.8 of him decode, 0.4 requests a second
 */
export function usersRate(
  decoding: number,
  tokensSeconds: number,
  promptSeconds: number,
  servedSeconds: number,
): number {
  const alone = tokensSeconds + (decoding - 1) * promptSeconds;
  const square = servedSeconds * promptSeconds;
  const rate =
    square > 0 ? (Math.sqrt(alone * alone + 4 * square * decoding) - alone) / (2 * square) : decoding / alone;
  // One user meets nobody.
  return decoding + rate * servedSeconds < 1 ? decoding / tokensSeconds : rate;
}

/** Of the steps that end any answer. @param mean over all steps */
export function answeredTogether(mean: number, isRegular: boolean): number {
  if (!(mean > 0)) return 1;
  return Math.max(1, isRegular ? mean : mean / -Math.expm1(-mean));
}
