import { InvalidInput } from "../quantity/invalid-input.ts";
import type { EngineSteps } from "./engine-steps.ts";

/** A step's seconds, checked, since one that is no number would hang a simulation. @throws InvalidInput unless finite and not negative */
export function stepSecondsOf(
  steps: EngineSteps,
  sequences: number,
  context: number,
  promptTokens: number,
  promptContext: number,
): number {
  const seconds = steps.stepSeconds(sequences, context, promptTokens, promptContext);
  if (!(seconds >= 0 && seconds < Number.POSITIVE_INFINITY)) {
    const what = `a finite number of at least 0, for ${sequences} sequences of ${context} rows and ${promptTokens} prompt tokens`;
    throw new InvalidInput("stepSeconds", String(seconds), what);
  }
  return seconds;
}
