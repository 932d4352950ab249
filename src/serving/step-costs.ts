/**
 * What an engine's steps cost before the engine adds its own: seconds by the resource that each part waits for. Any timing model
 * can stand behind it (predicted-step-costs.ts puts the project's there), or a formula of a test.
 */

/** Seconds of the kernels of one step, one after the other. */
export interface StepCost {
  /** Waiting for memory. */
  readonly memorySeconds: number;
  /** Waiting for the matrix units. */
  readonly computeSeconds: number;
  /** Waiting for the link to other devices. */
  readonly linkSeconds: number;
  /** Kernels' own start-ups, where the timing model knows them. */
  readonly startSeconds: number;
}

export interface StepCosts {
  /** Layers that a step runs, as many as start that many kernels in the model that the constants were fitted on: need not be whole. */
  readonly layers: number;
  /** One token for each of `sequences` (0 allowed, need not be whole), whose caches hold `context` rows on average. */
  decode(sequences: number, context: number): StepCost;
  /** A step that computes `prompts` whole prompts of `promptTokens` beside `sequences` that decode. */
  mixed(sequences: number, context: number, prompts: number, promptTokens: number): StepCost;
}
