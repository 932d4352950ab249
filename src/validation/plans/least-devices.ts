/**
 * The fewest devices on which the planner has memory for one request of a model, beside the fewest on which anybody published a run:
 * what could not run is what the planner refuses.
 */
import { InvalidInput } from "../../quantity/invalid-input.ts";
import { parseNumberFormat } from "../../quantity/number-format.ts";
import { chooseEngine } from "../../serving/engine-choice.ts";
import { fixedLength } from "../../serving/length-distribution.ts";
import type { Calibration } from "../../timing/calibration.ts";
import type { PublishedRun } from "../published/published-run.ts";
import { replicaOfRun } from "./replica-of-run.ts";

export interface LeastDevices {
  readonly hardware: string;
  readonly model: string;
  readonly weights: string;
  /** Of the groups of 1, 2, 4 and 8; null where none holds it. */
  readonly planned: number | null;
  readonly published: number;
}

const groups = [1, 2, 4, 8];
const shortRequest = { input: fixedLength(128), output: fixedLength(128) };

/** One entry a machine, model and format whose runs share tensors among devices. */
export function leastDevices(runs: readonly PublishedRun[], calibrations: readonly Calibration[]): LeastDevices[] {
  const found = new Map<string, { readonly run: PublishedRun; published: number }>();
  for (const run of runs) {
    if (run.weights === null || run.engine.splitsLayers || run.engine.fit.engine === "pytorch-graph") continue;
    const key = [run.engine.id, run.hardware.id, run.model.id, run.weights].join("|");
    const before = found.get(key);
    if (before === undefined) found.set(key, { run, published: run.devices });
    else before.published = Math.min(before.published, run.devices);
  }
  return [...found.values()].map(({ run, published }) => ({
    ...{ hardware: run.hardware.id, model: run.model.id, weights: run.weights!, published },
    planned: groups.find((devices) => holdsOne(run, devices, calibrations)) ?? null,
  }));
}

function holdsOne(run: PublishedRun, tensor: number, calibrations: readonly Calibration[]): boolean {
  const { model, hardware, weights, kvCache, engine, row } = run;
  const formats = { weights: parseNumberFormat(weights!), kvCache: parseNumberFormat(kvCache) };
  try {
    const choice = { timing: null, engine: engine.fit.engine, calibrations };
    const chosen = chooseEngine(hardware, hardware, choice, row.engineVersion);
    const planned = replicaOfRun({ model, hardware, engine: chosen, tensor, pipeline: 1, ...formats, ...shortRequest });
    return typeof planned !== "string" && planned.memory.fittingRequests(256) >= 1;
  } catch (error) {
    if (error instanceof InvalidInput) return false;
    throw error;
  }
}
