/**
 * Runs that memory could not hold at once, so that requests queued for a slot:
 *   beyond       more requests at once than the planner's replica has slots for (open-loop.ts)
 *   surely       a mean time to the first token longer than computing the prompts of all requests takes, one after the other: others'
 *                prompts alone never take so long. Runs that queue a little are not among them
 */
import { type ErrorStatistics, errorStatistics } from "../error-statistics.ts";
import type { PlannedRun } from "./planned-runs.ts";

export interface QueuedRuns {
  readonly beyond: readonly PlannedRun[];
  readonly surely: readonly PlannedRun[];
  /** Those of the surely queued ones for which the planner has slots. */
  readonly missed: readonly PlannedRun[];
  /** Of the time to the first token of runs beyond the slots; null where there are none. */
  readonly closed: ErrorStatistics | null;
  readonly simulated: ErrorStatistics | null;
}

export function queuedRuns(runs: readonly PlannedRun[]): QueuedRuns {
  const isBeyond = ({ run, planned }: PlannedRun): boolean => run.concurrency > planned.open.slots;
  const beyond = runs.filter(isBeyond);
  const surely = runs.filter((each) => each.measured.firstTokenSeconds > allPromptsSeconds(each));
  return {
    ...{ beyond, surely },
    missed: surely.filter((each) => !isBeyond(each)),
    closed: firstTokenErrors(beyond, "closed"),
    simulated: firstTokenErrors(beyond, "simulated"),
  };
}

/** Prompts of all requests that run at once, computed in full steps, and the client's way. */
function allPromptsSeconds({ run, load, planned }: PlannedRun): number {
  const { steps, replica } = planned;
  const tokens = run.concurrency * load.promptTokens;
  const step = Math.min(tokens, replica.policy.stepTokens);
  const seconds = (tokens / step) * steps.stepSeconds(0, 1, step, (load.promptTokens + 1) / 2);
  return seconds + replica.requestSeconds;
}

function firstTokenErrors(runs: readonly PlannedRun[], by: "closed" | "simulated"): ErrorStatistics | null {
  if (runs.length === 0) return null;
  return errorStatistics(
    runs.map((each) => ({
      measuredSeconds: each.measured.firstTokenSeconds,
      predictedSeconds: each[by].firstTokenSeconds,
      interval: null,
    })),
  );
}
