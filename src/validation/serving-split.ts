/**
 * Which runs of an engine a fit of its constants may see; the rest is for testing. It depends on what ran, never on what was measured.
 *   more than one model   fitted on the model with most runs, tested on the others
 *   one model             fitted on 1 and 2 devices, tested on more
 */
import type { EngineRun } from "./engine-runs.ts";

export interface ServingSplit {
  readonly isFitted: (run: EngineRun) => boolean;
  /** In words. */
  readonly split: string;
}

/** @throws RangeError for no runs */
export function servingSplit(runs: readonly EngineRun[]): ServingSplit {
  const models = [...new Set(runs.map(({ model }) => model))];
  const count = (model: string): number => runs.filter((run) => run.model === model).length;
  const most = models.reduce((a, b) => (count(b) > count(a) ? b : a));
  if (models.length > 1) {
    const others = models.filter((model) => model !== most).join(", ");
    return { isFitted: (run) => run.model === most, split: `fitted on ${most}, tested on ${others}` };
  }
  return {
    isFitted: ({ tensorParallel }) => tensorParallel <= 2,
    split: `${most}: fitted on 1 and 2 devices, tested on more`,
  };
}
