/**
 * Serving engines' runs predicted: an engine's constants are fitted on a part of its runs and scored on the rest, which the fit
 * never saw (serving-split.ts). Where one of the parts is empty, or too small for a fit, the constants that ship are scored on all.
 * Beside it the roofline of the bytes that a decode step has to read, at the datasheet's rates, on the same runs.
 */

import type { Model } from "../architecture/model.ts";
import { singleDevice } from "../architecture/shard.ts";
import type { Hardware } from "../hardware/hardware.ts";
import { parseNumberFormat } from "../quantity/number-format.ts";
import { nearestRank } from "../quantity/sample-statistics.ts";
import { type PredictedStepCosts, predictedStepCosts } from "../serving/predicted-step-costs.ts";
import type { ServingConstants } from "../serving/serving-constants.ts";
import { servingFormats } from "../serving/serving-formats.ts";
import { type ServingProfile, servingProfiles } from "../serving/serving-profiles.ts";
import type { StepOptions } from "../step/step-options.ts";
import { roofline } from "../timing/roofline.ts";
import type { TimingModel } from "../timing/timing-model.ts";
import { type EngineRun, loadsOf } from "./engine-runs.ts";
import { type ErrorSample, type ErrorStatistics, errorStatistics, percentageError } from "./error-statistics.ts";
import { fitServing, predictServing, type ServingCase, type ServingFit } from "./fit-serving.ts";
import { isImpossibleRun } from "./impossible-run.ts";
import { servingSplit } from "./serving-split.ts";

/** What runs are predicted with. */
export interface ServingMachine {
  readonly hardware: Hardware;
  /** Kernels' times as an engine's kernels take them, without what the engine adds (constants of its execution profile 0). */
  readonly timing: (engine: ServingProfile["id"]) => TimingModel;
  /** Kernels that a layer of the model starts, beside one of the model that the constants were fitted on. */
  readonly layerRatio: (model: Model) => number;
  /** Null for a model that nobody knows: its runs are left out. */
  readonly model: (name: string) => Model | null;
}

export interface ServingErrors extends ErrorStatistics {
  readonly ninetiethPercentile: number;
}

export interface PartScores {
  /** Null where no run has such a time. */
  readonly outputToken: ServingErrors | null;
  readonly firstToken: ServingErrors | null;
  /** The roofline of counted bytes. */
  readonly rooflineOutputToken: ServingErrors | null;
}

export interface ScoredRun {
  readonly run: EngineRun;
  /** Impossible runs (impossible-run.ts) are neither fitted nor scored. */
  readonly part: "fitted" | "test" | "impossible";
  readonly outputTokenSeconds: number;
  readonly firstTokenSeconds: number;
  /** Requests that the memory held at once. */
  readonly admitted: number;
  readonly rooflineSeconds: number;
}

export interface EngineScores {
  readonly engine: ServingProfile["id"];
  readonly split: string;
  /** Null where the constants that ship were taken. */
  readonly fit: ServingFit | null;
  readonly constants: ServingConstants;
  readonly fitted: PartScores | null;
  readonly test: PartScores | null;
  readonly runs: readonly ScoredRun[];
}

/** Runs that a fit wants: two a constant. */
const leastRuns = 18;

/** One entry an engine that is known here and has runs, in the order of the engines. */
export function scoreServing(runs: readonly EngineRun[], machine: ServingMachine): EngineScores[] {
  return Object.values(servingProfiles).flatMap((profile) => {
    const own = runs.filter(({ engine, model }) => engine === profile.id && machine.model(model) !== null);
    return own.length === 0 ? [] : [scoreEngine(own, profile, machine)];
  });
}

function scoreEngine(runs: readonly EngineRun[], profile: ServingProfile, machine: ServingMachine): EngineScores {
  const cases = servingCases(runs, profile, machine);
  const possible = cases.map((one) => !isImpossibleRun(one, machine.hardware.memoryBandwidthBytesPerSecond));
  const asked = servingSplit(runs);
  const seen = cases.filter((_, i) => possible[i] && asked.isFitted(runs[i]!));
  const isSplit = seen.length >= leastRuns && seen.length < cases.length;
  const fit = isSplit ? fitServing(seen, profile.policy) : null;
  const constants = fit?.constants ?? profile.constants;
  const isFitted = (run: EngineRun): boolean => isSplit && asked.isFitted(run);
  const split = isSplit ? asked.split : "nothing fitted: the constants that ship";
  const scored = runs.map((run, i): ScoredRun => {
    const state = predictServing(cases[i]!, profile.policy, constants);
    return {
      run,
      part: possible[i] === false ? "impossible" : isFitted(run) ? "fitted" : "test",
      outputTokenSeconds: state.outputTokenSeconds,
      firstTokenSeconds: state.firstTokenSeconds,
      admitted: state.admitted,
      rooflineSeconds: rooflineSeconds(run, profile, machine),
    };
  });
  const of = (part: ScoredRun["part"]): ScoredRun[] => scored.filter((each) => each.part === part);
  return {
    engine: profile.id,
    ...{ split, fit, constants, runs: scored },
    fitted: partScores(of("fitted")),
    test: partScores(of("test")),
  };
}

/** Runs ready to be predicted; those of one model, formats and devices share their step costs. */
export function servingCases(
  runs: readonly EngineRun[],
  profile: ServingProfile,
  machine: ServingMachine,
): ServingCase[] {
  const loads = loadsOf(runs);
  const known = new Map<string, PredictedStepCosts>();
  const timing = machine.timing(profile.id);
  return runs.map((run, i) => {
    const { model, weights, kvCache, tensorParallel, outputTokenSeconds, firstTokenSeconds } = run;
    const key = [model, weights, kvCache, tensorParallel].join("|");
    let costs = known.get(key);
    if (costs === undefined) {
      const named = machine.model(model)!;
      const step = stepOptions(run, named, profile, machine.hardware);
      costs = predictedStepCosts(named, machine.hardware, { step, timing }, machine.layerRatio(named));
      known.set(key, costs);
    }
    const capacityBytes = machine.hardware.memoryCapacityBytes;
    return { load: loads[i]!, costs, capacityBytes, outputTokenSeconds, firstTokenSeconds };
  });
}

export function stepOptions(
  run: EngineRun,
  model: Model,
  { cacheFormat }: ServingProfile,
  hardware: Hardware,
): Partial<StepOptions> {
  const asked = {
    weights: parseNumberFormat(run.weights),
    kvCache: run.kvCache === null ? null : parseNumberFormat(run.kvCache),
  };
  return {
    ...servingFormats(model, asked, cacheFormat, hardware),
    parallelism: { ...singleDevice, tensor: run.tensorParallel },
  };
}

function rooflineSeconds(run: EngineRun, profile: ServingProfile, machine: ServingMachine): number {
  const hardware = { ...machine.hardware, link: null };
  const model = machine.model(run.model)!;
  const step = stepOptions(run, model, profile, machine.hardware);
  const costs = predictedStepCosts(model, hardware, {
    step: { ...step, parallelism: singleDevice },
    timing: roofline(hardware),
  });
  return costs.decode(run.concurrency, run.promptTokens + run.outputTokens / 2).memorySeconds / run.tensorParallel;
}

function partScores(scored: readonly ScoredRun[]): PartScores | null {
  if (scored.length === 0) return null;
  const of = (
    predicted: (each: ScoredRun) => number,
    measured: (run: EngineRun) => number | null,
  ): ServingErrors | null => {
    const samples = scored.flatMap((each): ErrorSample[] => {
      const measuredSeconds = measured(each.run);
      return measuredSeconds === null ? [] : [{ measuredSeconds, predictedSeconds: predicted(each), interval: null }];
    });
    if (samples.length === 0) return null;
    const sizes = samples.map((sample) => Math.abs(percentageError(sample)));
    return { ...errorStatistics(samples), ninetiethPercentile: nearestRank(sizes, 0.9) };
  };
  return {
    outputToken: of(
      (each) => each.outputTokenSeconds,
      (run) => run.outputTokenSeconds,
    ),
    firstToken: of(
      (each) => each.firstTokenSeconds,
      (run) => run.firstTokenSeconds,
    ),
    rooflineOutputToken: of(
      (each) => each.rooflineSeconds,
      (run) => run.outputTokenSeconds,
    ),
  };
}
