/**
 * Workloads made of published traces: whether requests drawn from their quantiles have their figures, and whether the fleet that a plan
 * takes for them keeps its objectives where they are run in the simulation. Requests come by themselves (Poisson) at the trace's own mean
 * rate: its bursts over minutes are no workload of one plan.
 */
import type { Model } from "../../architecture/model.ts";
import type { Objectives } from "../../planning/objectives.ts";
import type { PlanMachine, PlanQuestion } from "../../planning/plan-question.ts";
import { searchFleets } from "../../planning/search.ts";
import { type SimulatedFleet, simulateFleet } from "../../planning/simulated-fleet.ts";
import { nearestRank } from "../../quantity/sample-statistics.ts";
import { seededRandom } from "../../quantity/seeded-random.ts";
import { arrivalProcess, drawnRequests } from "../../serving/arrivals.ts";
import type { Request } from "../../serving/request-stream.ts";
import type { LengthFigures, TraceFigures } from "./trace-figures.ts";

/** Drawn over the table's figure, − 1, in per cent. */
export interface DrawnErrors {
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
}

export interface TracePlan {
  readonly trace: TraceFigures;
  readonly requestsPerSecond: number;
  readonly input: DrawnErrors;
  readonly output: DrawnErrors;
  /** In words; null where no fleet holds the objectives. */
  readonly fleet: string | null;
  readonly objectives: Objectives;
  readonly simulated: SimulatedFleet | null;
}

export interface TraceQuestion {
  readonly model: Model;
  readonly machine: PlanMachine;
  readonly engineOn: PlanQuestion["engineOn"];
  readonly objectives: Objectives;
}

const requests = 20_000;
/** For statistics of lengths alone. */
const drawnRequestCount = 200_000;
const seed = 1;
/** Of traces whose table has none. */
const usualRate = 4;

export function tracePlan(trace: TraceFigures, question: TraceQuestion): TracePlan {
  const requestsPerSecond = trace.requestsPerSecond ?? usualRate;
  const arrivals = arrivalProcess(requestsPerSecond);
  const [input, output] = [trace.input.lengths, trace.output.lengths];
  const drawn = drawnLengths(
    drawnRequests({ arrivals, input, output, count: drawnRequestCount, random: seededRandom(seed) }),
  );
  const asked: PlanQuestion = {
    ...{ model: question.model, machines: [question.machine], engineOn: question.engineOn },
    workload: { input, output, arrivalVariation: 1 },
    load: { kind: "rate", amount: requestsPerSecond },
    ...{ cachedPromptShare: 0, objectives: question.objectives, weights: [null], kvCaches: [null], speculation: null },
    ...{ separatePrefill: "never", limits: noLimits },
  };
  const best = searchFleets(asked, false).candidates[0];
  const simulation = { arrivals, trace: null, requests, seed, contextLimit: question.model.maxContext };
  return {
    ...{ trace, requestsPerSecond, objectives: question.objectives },
    input: drawnErrors(drawn.input, trace.input),
    output: drawnErrors(drawn.output, trace.output),
    fleet: best === undefined ? null : `${best.replicas} × TP ${best.planned.layout.parallelism.tensor}`,
    simulated: best === undefined ? null : simulateFleet(best, asked, simulation),
  };
}

const noLimits: PlanQuestion["limits"] = {
  ...{ devices: 8, devicesPerNode: null, nodeLinkBytesPerSecond: null },
  ...{ tensor: null, pipeline: [1], expert: null },
  ...{ fleetDevices: null, deviceCounts: null, replicaCounts: null, powerWatts: null, costPerHour: null },
  ...{ utilization: 0.9, memoryShare: null, maxSequences: null, stepTokens: null },
};

function drawnLengths(stream: { next(into: Request): boolean }): { input: number[]; output: number[] } {
  const request: Request = { arrivalSeconds: 0, inputTokens: 1, outputTokens: 1 };
  const drawn: { input: number[]; output: number[] } = { input: [], output: [] };
  while (stream.next(request)) {
    drawn.input.push(request.inputTokens);
    drawn.output.push(request.outputTokens);
  }
  return drawn;
}

function drawnErrors(lengths: readonly number[], { mean, quantiles }: LengthFigures): DrawnErrors {
  const of = (drawn: number, figure: number | undefined): number =>
    figure === undefined ? Number.NaN : 100 * (drawn / figure - 1);
  return {
    mean: of(lengths.reduce((sum, each) => sum + each, 0) / lengths.length, mean),
    p50: of(nearestRank(lengths, 0.5), quantiles["p50"]),
    p90: of(nearestRank(lengths, 0.9), quantiles["p90"]),
    p99: of(nearestRank(lengths, 0.99), quantiles["p99"]),
  };
}
