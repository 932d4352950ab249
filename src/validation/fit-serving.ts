/**
 * Fits an engine's serving constants to runs: ln(predicted / measured) of the time an output token takes and, with a smaller
 * weight, of the time to the first one, made small robustly (least-squares.ts). Efficiencies are bounded by 1: constants that
 * would need kernels to be faster than they are alone explain nothing. Deterministic.
 */
import type { PredictedStepCosts } from "../serving/predicted-step-costs.ts";
import type { SchedulingPolicy, ServingConstants } from "../serving/serving-constants.ts";
import { type SteadyLoad, type SteadyState, steadyState } from "../serving/steady-state.ts";
import { fitLogs } from "./least-squares.ts";

/** One run, ready to be predicted. */
export interface ServingCase {
  readonly load: SteadyLoad;
  readonly costs: PredictedStepCosts;
  /** Memory of one device. */
  readonly capacityBytes: number;
  readonly outputTokenSeconds: number | null;
  readonly firstTokenSeconds: number | null;
}

export interface ServingFit {
  readonly constants: ServingConstants;
  readonly atBound: readonly (keyof ServingConstants)[];
}

interface Range {
  readonly start: number;
  readonly lowest: number;
  readonly highest: number;
}

/** What a first token's misfit counts beside an output token's: it holds the client and the network, too. */
const firstTokenWeight = 0.3;

/**
 * How strongly constants are drawn to their start: a factor of e off costs as much as one run that is 5 % off. What runs of one
 * model on one number of devices do not tell apart (a layer's time from a step's, the link from the matrix units) stays there.
 */
const pull = 0.05;

const ranges: Readonly<Record<keyof ServingConstants, Range>> = {
  memoryEfficiency: { start: 0.98, lowest: 0.5, highest: 1 },
  computeEfficiency: { start: 0.85, lowest: 0.3, highest: 1 },
  linkEfficiency: { start: 0.9, lowest: 0.3, highest: 1 },
  // Start-ups of four matrix products, attention and five small kernels, measured alone: 4 × 3.8 + 5.5 + 5 × 2.6 µs.
  layerSeconds: { start: 3.4e-5, lowest: 1e-7, highest: 2e-4 },
  stepSeconds: { start: 1e-3, lowest: 1e-5, highest: 2e-2 },
  sequenceSeconds: { start: 1e-5, lowest: 1e-8, highest: 3e-4 },
  waitPrompts: { start: 2.5, lowest: 1, highest: 10 },
  requestSeconds: { start: 1e-2, lowest: 1e-4, highest: 1 },
  memoryShare: { start: 0.8, lowest: 0.7, highest: 0.92 },
};
const names = Object.keys(ranges) as (keyof ServingConstants)[];

export const servingConstantNames: readonly (keyof ServingConstants)[] = names;

/** What a run's means should be with these constants. */
export function predictServing(
  { load, costs, capacityBytes }: ServingCase,
  policy: SchedulingPolicy,
  constants: ServingConstants,
): SteadyState {
  // A run that was made at all held one request at least.
  const oneRequest = load.promptTokens + load.outputTokens;
  const rows = (constants.memoryShare * capacityBytes - costs.weightBytes) / costs.rowBytes;
  return steadyState(load, costs, { policy, constants }, Math.max(oneRequest, rows));
}

/** @throws RangeError for no runs */
export function fitServing(cases: readonly ServingCase[], policy: SchedulingPolicy): ServingFit {
  if (cases.length === 0) throw new RangeError("a fit of no runs");
  const values = Object.fromEntries(names.map((name) => [name, ranges[name].start])) as Record<
    keyof ServingConstants,
    number
  >;
  // Requests that stay in step wait for all prompts, not for a few.
  const free = names.filter((name) => name !== "waitPrompts" || policy.prefill === "mixed");
  const misfits = (one: ServingCase): readonly [number, number] => {
    const { outputTokenSeconds, firstTokenSeconds } = predictServing(one, policy, values);
    const misfit = (predicted: number, measured: number | null): number =>
      measured === null ? 0 : Math.log(predicted / measured);
    return [
      misfit(outputTokenSeconds, one.outputTokenSeconds),
      firstTokenWeight * misfit(firstTokenSeconds, one.firstTokenSeconds),
    ];
  };
  const take = (logs: Float64Array): void => {
    free.forEach((name, p) => {
      values[name] = Math.exp(logs[p]!);
    });
  };
  const slopeStep = 1e-4;
  const fit = fitLogs({
    rows: 2 * cases.length,
    pull: free.map(() => pull),
    start: free.map((name) => Math.log(ranges[name].start)),
    lowest: free.map((name) => Math.log(ranges[name].lowest)),
    highest: free.map((name) => Math.log(ranges[name].highest)),
    misfit(row, logs, slopes) {
      const [one, which] = [cases[row >> 1]!, row & 1];
      take(logs);
      const here = misfits(one)[which]!;
      free.forEach((name, p) => {
        const value = values[name];
        values[name] = value * Math.exp(slopeStep);
        slopes[p] = (misfits(one)[which]! - here) / slopeStep;
        values[name] = value;
      });
      return here;
    },
  });
  take(fit.logs);
  const atBound = free.filter((name) =>
    [ranges[name].lowest, ranges[name].highest].some((bound) => Math.abs(values[name] / bound - 1) < 1e-4),
  );
  return { constants: { ...values }, atBound };
}
