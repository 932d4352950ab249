/**
 * Throughput and latency over concurrency: how far the planner's curves are from those that runs of an engine give, for each engine,
 * model and number of devices; and where each curve bends.
 *   knee   the first concurrency of the run's own grid at which the throughput is 80 % of the curve's largest
 */
import { groupsOf } from "../../quantity/groups-of.ts";
import { type ErrorStatistics, errorStatistics } from "../error-statistics.ts";
import { type PlannedRun, type RunTimes, throughput } from "./planned-runs.ts";

export interface CurveErrors {
  /** Of a token after the first, of throughput, of the time to the first token. */
  readonly outputToken: ErrorStatistics;
  readonly throughput: ErrorStatistics;
  readonly firstToken: ErrorStatistics;
}

export interface CurveGroup {
  readonly engine: string;
  readonly model: string;
  readonly tensorParallel: number;
  /** How many of its runs the constants were fitted on. */
  readonly fitted: number;
  readonly runs: readonly PlannedRun[];
  readonly plan: CurveErrors;
  readonly closed: CurveErrors;
  readonly simulated: CurveErrors;
}

/** One entry an engine, model and number of devices, in the order of the runs, fewest devices first. */
export function curveGroups(runs: readonly PlannedRun[]): CurveGroup[] {
  const groups = groupsOf(runs, ({ run }) => `${run.engine}|${run.model}|${run.tensorParallel}`);
  const order = [...new Set(runs.map(({ run }) => `${run.engine}|${run.model}`))];
  return groups
    .map((own): CurveGroup => {
      const { engine, model, tensorParallel } = own[0]!.run;
      const fitted = own.filter(({ isFitted }) => isFitted).length;
      return {
        ...{ engine, model, tensorParallel, fitted, runs: own },
        plan: curveErrors(own, (each) => each.plan),
        closed: curveErrors(own, (each) => each.closed),
        simulated: curveErrors(own, (each) => each.simulated),
      };
    })
    .sort((a, b) => {
      const place = (each: CurveGroup): number => order.indexOf(`${each.engine}|${each.model}`);
      return place(a) - place(b) || a.tensorParallel - b.tensorParallel;
    });
}

/** @throws RangeError for no runs */
export function curveErrors(runs: readonly PlannedRun[], predicted: (run: PlannedRun) => RunTimes): CurveErrors {
  const of = (figure: (run: PlannedRun, times: RunTimes) => number): ErrorStatistics =>
    errorStatistics(
      runs.map((each) => ({
        measuredSeconds: figure(each, each.measured),
        predictedSeconds: figure(each, predicted(each)),
        interval: null,
      })),
    );
  return {
    outputToken: of((_, { outputTokenSeconds }) => outputTokenSeconds),
    throughput: of(throughput),
    firstToken: of((_, { firstTokenSeconds }) => firstTokenSeconds),
  };
}

export interface Knee {
  /** The first run of the curve. */
  readonly run: PlannedRun["run"];
  /** Concurrencies of the grid. */
  readonly grid: readonly number[];
  /** Places on the grid. */
  readonly measured: number;
  readonly plan: number;
  readonly closed: number;
  readonly simulated: number;
}

/** Share of the largest throughput that a knee reaches. */
const kneeShare = 0.8;
const leastPoints = 3;

/** The knee of each curve of three concurrencies and more. */
export function knees(runs: readonly PlannedRun[]): Knee[] {
  const curves = groupsOf(runs, ({ run }) => {
    const { engine, engineVersion, model, weights, kvCache, tensorParallel, promptTokens, outputTokens } = run;
    return [engine, engineVersion, model, weights, kvCache, tensorParallel, promptTokens, outputTokens].join("|");
  });
  return curves.flatMap((own) => {
    const points = [...own].sort((a, b) => a.run.concurrency - b.run.concurrency);
    if (points.length < leastPoints) return [];
    const of = (times: (run: PlannedRun) => RunTimes): number =>
      kneeOf(points.map((each) => throughput(each, times(each))));
    return [
      {
        ...{ run: points[0]!.run, grid: points.map(({ run }) => run.concurrency) },
        measured: of((each) => each.measured),
        plan: of((each) => each.plan),
        closed: of((each) => each.closed),
        simulated: of((each) => each.simulated),
      },
    ];
  });
}

/** The place of the first one that reaches 80 % of the largest. @example 10, 20, 38, 44, 45: the third, 2 */
export function kneeOf(throughputs: readonly number[]): number {
  const most = Math.max(...throughputs);
  return throughputs.findIndex((each) => each >= kneeShare * most);
}
