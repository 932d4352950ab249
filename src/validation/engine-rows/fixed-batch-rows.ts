/**
 * Figures of engines with a fixed batch or one sequence, predicted by the engine's constants alone (timing/engine-form.ts): no
 * kernel of theirs was measured. The rules of published runs say what a figure is of and which rows can't be what they say.
 */

import type { EngineRow } from "../../measurement/measurement-row.ts";
import { InvalidInput } from "../../quantity/invalid-input.ts";
import { servingProfiles } from "../../serving/serving-profiles.ts";
import { planStep } from "../../step/step-plan.ts";
import type { Calibration } from "../../timing/calibration.ts";
import { type EngineFit, engineParameters } from "../../timing/engine-fits.ts";
import { type EngineRunCall, engineOperationTime } from "../../timing/engine-form.ts";
import { emptyKernelTime } from "../../timing/kernel-form.ts";
import { statedMachine } from "../../timing/kernel-machine.ts";
import { reachedPeaks } from "../../timing/reached-peaks.ts";
import { type Bound, largestBound } from "../../timing/timing-model.ts";
import { type PublishedRun, publishedRun } from "../published/published-run.ts";
import { brokenRule, repeatedRuns, ruleText } from "../published/run-audit.ts";
import { type CountedRun, runSeconds } from "../published/run-sample.ts";
import { optionsOf, runWork } from "../published/run-work.ts";
import type { EngineRowReasons } from "./engine-row-reasons.ts";
import type { PlacedRow } from "./placed-row.ts";
import { countedPrediction, type PredictedRun } from "./predicted-run.ts";

/** A run that can be predicted, with the row that it comes from. */
export interface FixedBatchRun extends CountedRun {
  readonly row: EngineRow;
}

export function fixedBatchRuns(
  rows: readonly PlacedRow[],
  calibrations: readonly Calibration[],
  reasons: EngineRowReasons,
): FixedBatchRun[] {
  const found = rows.flatMap((placed) => {
    const { row, label, stated, model } = placed;
    const named = { ...row, engine: label, gpu: row.gpu ?? stated.id };
    const run = publishedRun(named, { hardware: () => stated, model: () => model });
    const found = typeof run === "string" ? run : (refusedBy(run) ?? { placed, run });
    if (typeof found !== "string") return [found];
    reasons.leave(row, found);
    return [];
  });
  const repeated = repeatedRuns(found.map(({ run }) => run));
  return found.flatMap(({ placed, run }): FixedBatchRun[] => {
    const { row, hardware } = placed;
    const { memoryBandwidthBytesPerSecond: stated } = run.hardware;
    const broken = repeated.get(run) ?? brokenRule(run, runWork(run, stated));
    if (broken !== null) {
      reasons.leave(row, ruleText[broken]);
      return [];
    }
    const isMeasured = hardware.basis === "measured";
    const read = isMeasured ? hardware.memoryBandwidthBytesPerSecond : stated * run.engine.fit.readShare;
    const own = isMeasured ? [{ stated: statedMachine(placed.stated), ceilings: statedMachine(hardware) }] : [];
    const reached = reachedPeaks(run.hardware, [...own, ...calibrations]);
    return [{ row, run, work: runWork({ ...run, hardware: reached }, read) }];
  });
}

/** Why the model can't run so, in the words of whoever refuses it; null where it can. */
function refusedBy(run: PublishedRun): string | null {
  try {
    planStep(run.model, optionsOf(run, "decode"));
    return null;
  } catch (error) {
    if (error instanceof InvalidInput) return error.message;
    throw error;
  }
}

/** @param fit whose constants predict it (timing/engine-fits.ts: withFittedRuns) */
export function predictFixedBatchRun({ row, run, work }: FixedBatchRun, fit: EngineFit): PredictedRun {
  const { call } = work;
  const parameters = engineParameters(fit);
  // A rate is the time of a token; the run's own time is of all of them.
  const seconds = (runSeconds(parameters, call) * row.seconds) / run.seconds;
  const band = run.part === "prefill" ? fit.prefillBand : fit.band;
  const interval =
    band === null ? null : { low: seconds * Math.exp(band.low), high: seconds * Math.exp(band.high), level: 0.9 };
  const phase = run.part === "prefill" ? "prefill" : "decode";
  const middle = run.part === "prefill" ? run.inputTokens : run.inputTokens + run.outputTokens / 2;
  return {
    row,
    names: { engine: nameOf(fit), machine: run.hardware.id, model: run.model.id },
    prediction: countedPrediction(
      run.model,
      optionsOf(run, phase),
      { batch: run.batch, context: Math.max(1, Math.round(middle)) },
      { seconds, interval, bound: boundOf(call, parameters) },
    ),
  };
}

/** Apart from the serving engine of the same id. */
function nameOf({ id }: EngineFit): string {
  return Object.hasOwn(servingProfiles, id) ? `${id}, fixed batch` : id;
}

/** What the step (else the prefill) spends most of its time on. */
function boundOf(call: EngineRunCall, parameters: Float64Array): Bound {
  const time = emptyKernelTime();
  const parts = { weights: 0, cache: 0, activations: 0, compute: 0, link: 0, overhead: 0 };
  for (const operation of call.decode ?? call.prefill ?? []) {
    engineOperationTime(parameters, operation, call, time);
    parts.overhead += time.startSeconds;
    parts.link += time.linkSeconds;
    if (time.computeSeconds > time.memorySeconds) parts.compute += time.computeSeconds;
    else if (operation.work === "small") parts.activations += time.memorySeconds;
    else if (operation.cacheBytes > operation.weightBytes) parts.cache += time.memorySeconds;
    else parts.weights += time.memorySeconds;
  }
  return largestBound(parts);
}
