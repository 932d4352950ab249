/**
 * The steps of one replica of an engine, as a scheduler sees them: what each one lasts by what is in it. Any timing model can stand
 * behind it (predicted-engine-steps.ts puts the project's there), or a formula of a test.
 */

export interface EngineSteps {
  /**
   * Seconds from one step's start to the next one's.
   * @param sequences that decode in it, over all pipeline stages; 0 allowed, need not be whole
   * @param context rows of their caches on average
   * @param promptTokens of prompts computed beside them; 0 where it only decodes
   * @param promptContext rows that those tokens' attention sees on average, themselves among them: (p + 1) / 2 for a whole prompt of p
   * tokens, its second half 3 p / 4
   */
  stepSeconds(sequences: number, context: number, promptTokens: number, promptContext: number): number;
  /** Output tokens that a sequence gets from a step on average: 1, and more where drafts are verified. */
  readonly tokensPerStep: number;
  /**
   * Pipeline stages, which work on different requests at once: stepSeconds counts a prompt's share of each stage, and its own first
   * token comes (stages − 1) such shares later.
   */
  readonly stages: number;
  /** Groups of devices that hold different requests: a prompt is computed by one of them while the others compute others; 1 unless given. */
  readonly groups?: number;
}
