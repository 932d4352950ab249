/**
 * Constants of engines fitted on rows of whole runs: an engine of its own serving profile or engine fit each, on all machines and
 * models that its rows name. Kernels are not told by them. How far a fit holds is seen on runs that were left out of it: those of a
 * machine in turn, where there are several, else of a model, else of a number of devices.
 */
import type { EngineRow } from "../../measurement/measurement-row.ts";
import { servingProfiles } from "../../serving/serving-profiles.ts";
import { engineForm } from "../../timing/engine-form.ts";
import type { ErrorBand, FittedEngine } from "../../timing/fitted-engine.ts";
import { type ErrorSample, type ErrorStatistics, errorStatistics } from "../error-statistics.ts";
import { fitServing, predictServing, servingConstantNames } from "../fit-serving.ts";
import { runEngines } from "../published/run-engines.ts";
import { runSeconds } from "../published/run-sample.ts";
import { scoreEngine } from "../published-runs.ts";
import type { FixedBatchRun } from "./fixed-batch-rows.ts";
import type { EngineRuns } from "./predict-engine-rows.ts";
import type { ServingRun } from "./serving-runs.ts";

export interface EngineCalibration {
  readonly fitted: FittedEngine;
  /** Figures that were fitted. */
  readonly rows: number;
  readonly atBound: readonly string[];
  /** Of all of them. */
  readonly fittedErrors: ErrorStatistics;
  /**
   * Of runs that a fit did not see: of tokens of an answer, of whole runs and of decode steps, and of first tokens and prefills; null
   * where there are none, or nothing could be left out.
   */
  readonly heldOutErrors: ErrorStatistics | null;
  readonly heldOutFirstTokenErrors: ErrorStatistics | null;
  /** What was left out in turn. */
  readonly heldOutBy: HeldOutBy | null;
  /** The figures of those errors, one by one. */
  readonly heldOut: readonly HeldOutFigure[];
}

/** A figure beside the prediction of a fit that did not see its run. */
export interface HeldOutFigure extends ErrorSample {
  readonly row: EngineRow;
}

export type HeldOutBy = "machine" | "model" | "devices";

export interface EngineCalibrations {
  readonly engines: readonly EngineCalibration[];
  /** Engines whose runs are too few. */
  readonly notes: readonly string[];
}

/** Runs that a serving fit wants: two a constant. */
const leastServingRuns = 2 * servingConstantNames.length;

/** @param source what was measured, by whom */
export function fitEngines({ serving, fixedBatch }: EngineRuns, source: string): EngineCalibrations {
  const engines: EngineCalibration[] = [];
  const notes: string[] = [];
  for (const { id } of Object.values(servingProfiles)) {
    const own = serving.filter(({ profile, run }) => profile.id === id && isTimed(run));
    if (own.length >= leastServingRuns) engines.push(fitServingEngine(own, source));
    else if (own.length > 0) notes.push(tooFew(id, own.length, leastServingRuns));
  }
  for (const engine of runEngines) {
    const own = fixedBatch.filter(({ run }) => run.engine === engine);
    const least = 2 * (engineForm.parameters.length - Object.keys(engine.fixed).length);
    if (own.length >= least) engines.push(fitRunEngine(own, source));
    else if (own.length > 0) notes.push(tooFew(engine.id, own.length, least));
  }
  return { engines, notes };
}

function tooFew(id: string, runs: number, least: number): string {
  return `${id}: ${runs} ${runs === 1 ? "run is" : "runs are"} too few for the engine's constants, wants ${least}`;
}

function isTimed({ outputTokenSeconds, firstTokenSeconds }: ServingRun["run"]): boolean {
  return outputTokenSeconds !== null || firstTokenSeconds !== null;
}

interface TokenSamples {
  readonly output: readonly HeldOutFigure[];
  readonly first: readonly HeldOutFigure[];
}

function fitServingEngine(runs: readonly ServingRun[], source: string): EngineCalibration {
  const { profile } = runs[0]!;
  const fit = fitServing(
    runs.map((each) => each.case),
    profile.policy,
  );
  const samplesBy = (own: readonly ServingRun[], constants: typeof fit.constants): TokenSamples => {
    const states = own.map((each) => predictServing(each.case, profile.policy, constants));
    const of = (metric: EngineRow["metric"], figure: "outputTokenSeconds" | "firstTokenSeconds"): HeldOutFigure[] =>
      own.flatMap(({ run, rows }, i): HeldOutFigure[] => {
        const measuredSeconds = run[figure];
        const row = rows.find((each) => each.row.metric === metric)?.row;
        if (measuredSeconds === null || row === undefined) return [];
        return [{ row, measuredSeconds, predictedSeconds: states[i]![figure], interval: null }];
      });
    return { output: of("tpot_ms", "outputTokenSeconds"), first: of("ttft_ms", "firstTokenSeconds") };
  };
  const held = heldOutBy(runs);
  const folds = held === null ? [] : [...new Set(runs.map(groupName[held]))];
  const left = folds.flatMap((name): TokenSamples[] => {
    const inside = (each: ServingRun): boolean => groupName[held!](each) === name;
    const others = runs.filter((each) => !inside(each));
    if (others.length < leastServingRuns) return [];
    const without = fitServing(
      others.map((each) => each.case),
      profile.policy,
    );
    return [samplesBy(runs.filter(inside), without.constants)];
  });
  const [output, first] = [left.flatMap((each) => each.output), left.flatMap((each) => each.first)];
  const own = samplesBy(runs, fit.constants);
  const all = [...own.output, ...own.first];
  return {
    fitted: {
      ...{ form: "serving", id: profile.id, engine: profile.id, constants: { ...fit.constants }, source },
      ...{ band: bandOf(output), firstTokenBand: bandOf(first) },
      machines: [...new Set(runs.map(groupName.machine))],
    },
    rows: all.length,
    atBound: fit.atBound,
    fittedErrors: errorStatistics(all),
    heldOutErrors: statisticsOf(output),
    heldOutFirstTokenErrors: statisticsOf(first),
    heldOutBy: left.length === 0 ? null : held,
    heldOut: [...output, ...first],
  };
}

const groupName: Readonly<Record<HeldOutBy, (run: ServingRun) => string>> = {
  machine: ({ rows }) => rows[0]!.stated.id,
  model: ({ run }) => run.model,
  devices: ({ run }) => String(run.tensorParallel),
};

/** The first by which the runs differ. */
function heldOutBy(runs: readonly ServingRun[]): HeldOutBy | null {
  const several = (by: HeldOutBy): boolean => new Set(runs.map(groupName[by])).size > 1;
  return (["machine", "model", "devices"] as const).find(several) ?? null;
}

function fitRunEngine(runs: readonly FixedBatchRun[], source: string): EngineCalibration {
  const { engine } = runs[0]!.run;
  const score = scoreEngine(engine, runs);
  const predicted = runs.map(({ run, work }) => ({
    measuredSeconds: run.seconds,
    predictedSeconds: runSeconds(score.parameters, work.call),
    interval: null,
  }));
  const heldOut = (isPrefill: boolean): HeldOutFigure[] =>
    score.runs
      .filter(({ run }) => (run.part === "prefill") === isPrefill)
      .map(({ run, predictedSeconds }) => {
        return { row: run.row, measuredSeconds: run.seconds, predictedSeconds, interval: null };
      });
  const [decoding, prefills] = [heldOut(false), heldOut(true)];
  return {
    fitted: {
      ...{ form: "runs", id: engine.fit.id, engine: engine.fit.engine, source },
      constants: { ...engine.fixed, ...score.constants },
      ...{ band: bandOf(decoding), firstTokenBand: bandOf(prefills) },
      machines: [...new Set(runs.map(({ run }) => run.hardware.id))],
    },
    rows: runs.length,
    atBound: score.atBound,
    fittedErrors: errorStatistics(predicted),
    heldOutErrors: statisticsOf(decoding),
    heldOutFirstTokenErrors: statisticsOf(prefills),
    heldOutBy: decoding.length + prefills.length === 0 ? null : engine.halvesBy,
    heldOut: [...decoding, ...prefills],
  };
}

function statisticsOf(samples: readonly ErrorSample[]): ErrorStatistics | null {
  return samples.length === 0 ? null : errorStatistics(samples);
}

/** Rows that a band wants: fewer say nothing of one in twenty. */
const leastOfBand = 20;

/** ln(measured / predicted) at 5 % and at 95 %, by ranks among one more than there are; null of too few. */
function bandOf(samples: readonly ErrorSample[]): ErrorBand | null {
  if (samples.length < leastOfBand) return null;
  const residuals = Float64Array.from(samples, (each) => Math.log(each.measuredSeconds / each.predictedSeconds)).sort();
  const rank = 0.05 * (residuals.length + 1);
  return {
    low: Math.min(0, residuals[Math.max(0, Math.floor(rank) - 1)]!),
    high: Math.max(0, residuals[Math.min(residuals.length - 1, residuals.length - Math.floor(rank))]!),
  };
}
