/**
 * Runs of engines that no machine could have made as they are labelled: the time between two tokens is shorter than reading, at
 * the datasheet's rate, the weights once and the cached rows of those requests that were decoding. Those follow from the run's
 * own times by Little's law: concurrency × (time between first and last token) / (all of a request's time).
 * Keys and values are taken in the format that the case was made with; a run in a finer one that does not say so fails here, too.
 */
import type { ServingCase } from "./fit-serving.ts";

/** @param bytesPerSecond the memory's rate on the datasheet */
export function isImpossibleRun(one: ServingCase, bytesPerSecond: number): boolean {
  const { load, costs, outputTokenSeconds, firstTokenSeconds } = one;
  if (outputTokenSeconds === null) return false;
  const between = load.outputTokens * outputTokenSeconds;
  const decoding = (load.concurrency * between) / (between + (firstTokenSeconds ?? 0));
  const context = load.promptTokens + load.outputTokens / 2;
  return (costs.readBytes + decoding * context * costs.rowBytes) / bytesPerSecond > outputTokenSeconds;
}
