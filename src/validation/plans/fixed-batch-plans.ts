/**
 * Published runs of a fixed batch as the planner sees them: the replica that it would make for each, whether that has memory for the
 * batch, and the throughput of the batch on its steps.
 *   seconds   prefill of all prompts + (o − 1) steps of the whole batch, whose caches have i + o / 2 rows on average
 * Each run is predicted by constants that were fitted on the other half of the engine's machines (run-halves.ts).
 */
import type { PlannedReplica } from "../../planning/planned-replica.ts";
import { parseNumberFormat } from "../../quantity/number-format.ts";
import { type ChosenEngine, chooseEngine } from "../../serving/engine-choice.ts";
import { fixedLength } from "../../serving/length-distribution.ts";
import type { Calibration } from "../../timing/calibration.ts";
import { type ErrorStatistics, errorStatistics } from "../error-statistics.ts";
import type { PublishedRun } from "../published/published-run.ts";
import type { RunEngine } from "../published/run-engines.ts";
import type { EngineScore, PublishedScores } from "../published-runs.ts";
import { replicaOfRun } from "./replica-of-run.ts";

export interface FixedBatchPlan {
  readonly run: PublishedRun;
  /** Requests of the run's rows that fit; 0 where not one does, null where the planner makes no such replica. */
  readonly fitting: number | null;
  /** Of the whole run; null where the figure is not of one. */
  readonly predictedSeconds: number | null;
}

export interface EnginePlans {
  readonly engine: RunEngine;
  readonly plans: readonly FixedBatchPlan[];
  /** Made, and yet refused: the planner has no memory for the batch. */
  readonly refused: readonly FixedBatchPlan[];
  /** Of throughput; null where the engine has no whole runs. */
  readonly throughput: ErrorStatistics | null;
  /** Share of the whole runs whose throughput is within 15 %, in per cent. */
  readonly within15Percent: number;
}

/** One entry an engine that plans choose. @param calibrations those that ship */
export function fixedBatchPlans(scores: PublishedScores, calibrations: readonly Calibration[]): EnginePlans[] {
  return scores.engines
    .filter(({ engine, halves }) => engine.fit.engine !== "pytorch-graph" && halves.length === 2)
    .map((score) => enginePlans(score, calibrations));
}

function enginePlans(score: EngineScore, calibrations: readonly Calibration[]): EnginePlans {
  const fits = [1, 0].map((other) => withHalf(calibrations, score, other));
  const engines = new Map<string, ChosenEngine>();
  const replicas = new Map<string, PlannedReplica | string>();
  const plans = score.runs.map(({ run, half }): FixedBatchPlan => {
    const { hardware, row } = run;
    const of = [half, hardware.id, hardware.processors, row.engineVersion].join("|");
    const choice = { timing: null, engine: run.engine.fit.engine, calibrations: fits[half]! };
    const engine = engines.get(of) ?? chooseEngine(hardware, hardware, choice, row.engineVersion);
    engines.set(of, engine);
    const key = [of, run.model.id, run.weights, run.kvCache, run.devices, run.inputTokens, run.outputTokens].join("|");
    const planned = replicas.get(key) ?? replicaFor(run, engine);
    replicas.set(key, planned);
    if (typeof planned === "string") return { run, fitting: null, predictedSeconds: null };
    const fitting = planned.memory.fittingRequests(run.inputTokens + run.outputTokens);
    return { run, fitting, predictedSeconds: run.part === "run" ? fixedBatchSeconds(planned, run) : null };
  });
  const errors = plans.flatMap(({ run, predictedSeconds }) =>
    predictedSeconds === null ? [] : [{ measuredSeconds: 1 / run.seconds, predictedSeconds: 1 / predictedSeconds }],
  );
  const near = errors.filter((each) => Math.abs(each.predictedSeconds / each.measuredSeconds - 1) <= 0.15).length;
  return {
    ...{ engine: score.engine, plans },
    refused: plans.filter(({ run, fitting }) => fitting === null || fitting < run.batch),
    throughput: errors.length === 0 ? null : errorStatistics(errors.map((each) => ({ ...each, interval: null }))),
    within15Percent: errors.length === 0 ? 0 : (100 * near) / errors.length,
  };
}

/** The calibrations with the constants of one half as a fit file would hold them. */
function withHalf(
  calibrations: readonly Calibration[],
  { engine, halves }: EngineScore,
  half: number,
): readonly Calibration[] {
  const { id, engine: runs, band } = engine.fit;
  const constants = { ...engine.fixed, ...halves[half]!.constants };
  const fitted = { form: "runs" as const, id, engine: runs, constants, band, firstTokenBand: null, machines: [] };
  const engines = [{ ...fitted, source: "the other half of the runs" }];
  return calibrations.map((each, i) => (i === 0 ? { ...each, engines } : each));
}

function replicaFor(run: PublishedRun, engine: ChosenEngine): PlannedReplica | string {
  const { model, hardware, devices, weights, kvCache, inputTokens, outputTokens } = run;
  const splitsLayers = run.engine.splitsLayers;
  return replicaOfRun({
    ...{ model, hardware, engine },
    ...{ tensor: splitsLayers ? 1 : devices, pipeline: splitsLayers ? devices : 1 },
    input: fixedLength(Math.max(1, inputTokens)),
    output: fixedLength(outputTokens),
    weights: weights === null ? null : parseNumberFormat(weights),
    kvCache: parseNumberFormat(kvCache),
  });
}

/** @param planned whose steps hold all that the engine adds */
export function fixedBatchSeconds(
  { steps }: Pick<PlannedReplica, "steps">,
  { batch, inputTokens, outputTokens }: Pick<PublishedRun, "batch" | "inputTokens" | "outputTokens">,
): number {
  const prefill = steps.stepSeconds(0, 1, batch * inputTokens, (inputTokens + 1) / 2);
  return prefill + (outputTokens - 1) * steps.stepSeconds(batch, inputTokens + outputTokens / 2, 0, 0);
}
