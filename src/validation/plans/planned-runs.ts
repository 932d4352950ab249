/**
 * Runs of serving engines as the planner sees them: the replica that it would make for each, under as many users as the run had.
 *   plan         as plans are searched: users spread over time (serving/users-loop.ts)
 *   closed       as the benchmark's client was, in closed form: all users at once, ten requests each (serving/closed-loop.ts)
 *   simulated    the same in the simulation
 * Constants and kernels are those that ship: whether they were fitted on a run is said of it (serving-split.ts).
 *   throughput   concurrency × o / (TTFT + (o − 1) TPOT), by Little's law, measured and predicted alike
 */
import type { Model } from "../../architecture/model.ts";
import type { Hardware } from "../../hardware/hardware.ts";
import type { PlannedReplica } from "../../planning/planned-replica.ts";
import { parseNumberFormat } from "../../quantity/number-format.ts";
import { seededRandom } from "../../quantity/seeded-random.ts";
import { drawnRequests } from "../../serving/arrivals.ts";
import { closedStateAt } from "../../serving/closed-loop.ts";
import type { ChosenEngine } from "../../serving/engine-choice.ts";
import { fixedLength, type LengthDistribution, uniformLengths } from "../../serving/length-distribution.ts";
import { type ServingProfile, servingProfiles } from "../../serving/serving-profiles.ts";
import { simulateServing } from "../../serving/simulation.ts";
import type { SteadyLoad } from "../../serving/steady-state.ts";
import { usersStateAt } from "../../serving/users-loop.ts";
import { roofline } from "../../timing/roofline.ts";
import { type EngineRun, loadsOf } from "../engine-runs.ts";
import { isImpossibleRun } from "../impossible-run.ts";
import { servingCases } from "../score-serving.ts";
import { servingSplit } from "../serving-split.ts";
import { replicaOfRun } from "./replica-of-run.ts";

export interface RunTimes {
  /** Means of the run. */
  readonly firstTokenSeconds: number;
  readonly outputTokenSeconds: number;
}

export interface PlannedRun {
  readonly run: EngineRun;
  readonly load: SteadyLoad;
  /** Whether the constants that ship were fitted on it. */
  readonly isFitted: boolean;
  readonly planned: PlannedReplica;
  readonly measured: RunTimes;
  /** As a plan has it: users spread over time, without end. */
  readonly plan: RunTimes;
  /** As the benchmark's client was: all users at once, so many requests each. In closed form, and in the simulation. */
  readonly closed: RunTimes;
  readonly simulated: RunTimes;
}

export interface PlannedRuns {
  readonly runs: readonly PlannedRun[];
  /** Runs left out: no machine could have made them as they are labelled (impossible-run.ts). */
  readonly impossible: readonly EngineRun[];
}

export interface PlanMachines {
  readonly hardware: Hardware;
  readonly engine: (id: ServingProfile["id"]) => ChosenEngine;
  /** Null for a model that nobody knows: its runs are left out. */
  readonly model: (name: string) => Model | null;
}

const seed = 1;

/** Of the engines that have serving profiles; runs without one of the two times are left out. */
export function plannedRuns(runs: readonly EngineRun[], machines: PlanMachines): PlannedRuns {
  const planned: PlannedRun[] = [];
  const impossible: EngineRun[] = [];
  for (const profile of Object.values(servingProfiles)) {
    const own = runs.filter(({ engine, model }) => engine === profile.id && machines.model(model) !== null);
    if (own.length === 0) continue;
    const isPossible = possibleRuns(own, profile, machines);
    const { isFitted } = servingSplit(own);
    const loads = loadsOf(own);
    const replicas = new Map<string, PlannedReplica>();
    own.forEach((run, i) => {
      const times = timesOf(run);
      if (times === null) return;
      if (isPossible[i] === false) impossible.push(run);
      else planned.push(plannedRun(run, times, loads[i]!, isFitted(run), machines, replicas));
    });
  }
  return { runs: planned, impossible };
}

function plannedRun(
  run: EngineRun,
  measured: RunTimes,
  load: SteadyLoad,
  isFitted: boolean,
  machines: PlanMachines,
  replicas: Map<string, PlannedReplica>,
): PlannedRun {
  const { model, weights, kvCache, tensorParallel, promptTokens, outputTokens } = run;
  const key = [model, weights, kvCache, tensorParallel, promptTokens, outputTokens, load.variedLengths].join("|");
  const planned = replicas.get(key) ?? replicaFor(run, load, machines);
  replicas.set(key, planned);
  const { open, engine } = planned;
  const closed = closedStateAt(open, run.concurrency, engine.constants, load.requestsPerClient);
  const plan = usersStateAt(open, run.concurrency);
  return { run, load, isFitted, planned, measured, plan, closed, simulated: simulatedTimes(planned, load) };
}

/** @throws RangeError for a run that the planner refuses: it was made */
function replicaFor(run: EngineRun, load: SteadyLoad, machines: PlanMachines): PlannedReplica {
  const { promptTokens, outputTokens, weights, kvCache } = run;
  const lengths = (named: number, mean: number): LengthDistribution =>
    load.variedLengths ? uniformLengths(2 * mean - named, named) : fixedLength(named);
  const planned = replicaOfRun({
    model: machines.model(run.model)!,
    hardware: machines.hardware,
    engine: machines.engine(run.engine as ServingProfile["id"]),
    ...{ tensor: run.tensorParallel, pipeline: 1 },
    input: lengths(promptTokens, load.promptTokens),
    output: lengths(outputTokens, load.outputTokens),
    weights: parseNumberFormat(weights),
    kvCache: kvCache === null ? null : parseNumberFormat(kvCache),
  });
  if (typeof planned === "string") throw new RangeError(planned);
  return planned;
}

function simulatedTimes({ replica, open }: PlannedReplica, load: SteadyLoad): RunTimes {
  const { input, output } = open.workload;
  const requests = drawnRequests({
    ...{ input, output, count: load.requestsPerClient * load.concurrency, random: seededRandom(seed) },
    arrivals: { kind: "regular", requestsPerSecond: 1 },
  });
  const { ttftSeconds, tpotSeconds } = simulateServing({
    ...{ replica, replicas: 1, balancer: "least-loaded" },
    load: { kind: "closed", users: load.concurrency, requests },
  });
  return { firstTokenSeconds: ttftSeconds.mean, outputTokenSeconds: tpotSeconds.mean };
}

/** By bytes alone. */
function possibleRuns(runs: readonly EngineRun[], profile: ServingProfile, machines: PlanMachines): boolean[] {
  const { hardware, model } = machines;
  const timing = roofline(hardware);
  const cases = servingCases(runs, profile, { hardware, model, timing: () => timing, layerRatio: () => 1 });
  return cases.map((one) => !isImpossibleRun(one, hardware.memoryBandwidthBytesPerSecond));
}

function timesOf({ firstTokenSeconds, outputTokenSeconds }: EngineRun): RunTimes | null {
  return firstTokenSeconds === null || outputTokenSeconds === null ? null : { firstTokenSeconds, outputTokenSeconds };
}

/** Output tokens a second, by Little's law. @example 10 at once, 101 tokens, 1 s to the first and 0.04 s each: 1010 / 5 s = 202 */
export function throughput({ run, load }: Pick<PlannedRun, "run" | "load">, times: RunTimes): number {
  const seconds = times.firstTokenSeconds + (load.outputTokens - 1) * times.outputTokenSeconds;
  return (run.concurrency * load.outputTokens) / seconds;
}
