/**
 * Fits one kernel family (src/timing/kernel-family.ts) to measured kernels: start-up, share of the bandwidth, share of the
 * peak and sharpness of the knee.
 *
 * It takes as few parameters as the rows need: of all sets of parameters the one with the least n ln(mean |misfit|) + k, n rows
 * and k parameters (Akaike's criterion for misfits of a Laplace distribution). There must be two rows for each parameter, and
 * two rows that feel it: a change of it moves them by a tenth of that change (start-up: a twentieth, knee: a hundredth). The
 * efficiency of the side that binds fewer rows goes only with the other one, and only where rows differ in FLOPs a byte by a
 * half: rows all alike in that can't tell the two apart. With many rows all parameters are taken that are felt.
 * What is not taken keeps its usual value: the machine's start-up, all of a ceiling, the limits' knee.
 * Source: Akaike 1974, A new look at the statistical model identification.
 */
import type { KernelFamily } from "../timing/kernel-family.ts";
import { type KernelFit, type KernelParameter, kernelParameters, kernelSeconds } from "../timing/kernel-fit.ts";
import { type ErrorStatistics, errorStatistics } from "./error-statistics.ts";
import { fitLogs, type LogFit } from "./least-squares.ts";

/** One measured kernel, its bytes and FLOPs as their seconds at the ceilings. */
export interface KernelSample {
  readonly memorySeconds: number;
  readonly computeSeconds: number;
  readonly measuredSeconds: number;
}

export interface FamilyFit {
  readonly family: KernelFamily;
  readonly fit: KernelFit;
  /** Parameters that the rows determine. */
  readonly determined: readonly KernelParameter[];
  /** Those that the rows would push beyond their bounds: they stand at them. */
  readonly atBound: readonly KernelParameter[];
  /** What the choice among sets of parameters goes by: n ln(mean |misfit|) + k. */
  readonly score: number;
  /** Of the rows that were fitted. */
  readonly residuals: ErrorStatistics;
}

export interface FitLimits {
  /** Largest share of a ceiling: 1, and the spread of the ceilings' own measurement above it. */
  readonly mostEfficiency: number;
  /** Start-up where rows don't show it. */
  readonly usualStartSeconds: number;
  /** The longest that a start-up can be; never longer than the shortest row. */
  readonly mostStartSeconds: number;
  /** Sharpness of the knee where rows don't show it. */
  readonly usualKnee: number;
  /** Whether a family may have a knee of its own. */
  readonly ownKnee: boolean;
}

export const defaultFitLimits: FitLimits = {
  mostEfficiency: 1,
  usualStartSeconds: 0,
  mostStartSeconds: Number.POSITIVE_INFINITY,
  usualKnee: 4,
  ownKnee: true,
};

/** Beyond so many rows each parameter has enough of them. */
const fewRows = 40;
/** Rows differ in FLOPs a byte by this factor, or the two efficiencies can't be told apart. */
const leastIntensityRange = 1.5;
/** Misfits below this are all alike: no clock tells them apart. */
const leastMisfit = 0.001;
const leastSeconds = 1e-9;
const kneeRange = [0.5, 16] as const;
const leastEfficiency = 0.005;

/** Fits one family. @throws RangeError for no samples */
export function fitFamily(
  family: KernelFamily,
  samples: readonly KernelSample[],
  limits: FitLimits = defaultFitLimits,
): FamilyFit {
  if (samples.length === 0) throw new RangeError("a fit of no samples");
  const { free, best } = samples.length > fewRows ? feltOfAll(samples, limits) : bestSet(samples, limits);
  const { fit } = best;
  const bounds = boundsOf(samples, limits);
  // A start-up as long as the shortest row is what that row says: only the limit that was set from outside is a bound.
  const isAtBound = (parameter: KernelParameter): boolean =>
    bounds[parameter].some((bound) => Math.abs(fit[parameter] / bound - 1) < 1e-4) &&
    (parameter !== "startSeconds" || bounds.startSeconds[1] >= limits.mostStartSeconds);
  const taken = kernelParameters.filter((parameter) => free.includes(parameter));
  return {
    ...{ family, fit },
    determined: taken.filter((parameter) => !isAtBound(parameter)),
    atBound: taken.filter(isAtBound),
    score: scoreOf(samples.length, best, free.length),
    residuals: errorStatistics(samples.map((each) => compared(each, fit))),
  };
}

interface Fitted {
  readonly fit: KernelFit;
  readonly meanMisfit: number;
}

interface Chosen {
  readonly free: readonly KernelParameter[];
  readonly best: Fitted;
}

function feltOfAll(samples: readonly KernelSample[], limits: FitLimits): Chosen {
  let free: readonly KernelParameter[] = orderFor(samples, limits);
  for (;;) {
    const best = fitParameters(samples, free, limits);
    const felt = free.filter((parameter) => isFelt(samples, best.fit, parameter));
    if (felt.length === free.length) return { free, best };
    free = felt;
  }
}

function scoreOf(rows: number, { meanMisfit }: Fitted, parameters: number): number {
  return rows * Math.log(Math.max(leastMisfit, meanMisfit)) + parameters;
}

function bestSet(samples: readonly KernelSample[], limits: FitLimits): Chosen {
  const n = samples.length;
  let chosen: Chosen = { free: [], best: fitParameters(samples, [], limits) };
  let score = scoreOf(n, chosen.best, 0);
  for (const free of subsetsOf(orderFor(samples, limits))) {
    if (2 * free.length > Math.max(2, n)) continue;
    const best = fitParameters(samples, free, limits);
    const own = scoreOf(n, best, free.length);
    if (own > score - 1e-6 || !free.every((parameter) => isFelt(samples, best.fit, parameter))) continue;
    [chosen, score] = [{ free, best }, own];
  }
  return chosen;
}

/** All but the empty one, the fewest before the others; none with the second side's efficiency but not the first's. */
function subsetsOf(order: readonly KernelParameter[]): KernelParameter[][] {
  const subsets = Array.from({ length: 2 ** order.length - 1 }, (_, i) =>
    order.filter((_parameter, p) => ((i + 1) >> p) % 2 === 1),
  );
  const [first, , second] = order;
  return subsets
    .filter((subset) => second === undefined || !subset.includes(second) || subset.includes(first!))
    .sort((a, b) => a.length - b.length);
}

function compared(sample: KernelSample, fit: KernelFit) {
  const predictedSeconds = kernelSeconds(fit, sample.memorySeconds, sample.computeSeconds);
  return { measuredSeconds: sample.measuredSeconds, predictedSeconds, interval: null };
}

/** The best of several starts with the free parameters; the others at their usual values. */
function fitParameters(samples: readonly KernelSample[], free: readonly KernelParameter[], limits: FitLimits): Fitted {
  const shortest = shortestOf(samples);
  const bounds = boundsOf(samples, limits);
  const fitFrom = (start: KernelFit): LogFit =>
    fitLogs({
      rows: samples.length,
      start: free.map((parameter) => Math.log(start[parameter])),
      lowest: free.map((parameter) => Math.log(bounds[parameter][0])),
      highest: free.map((parameter) => Math.log(bounds[parameter][1])),
      misfit: (row, logs, slopes) => {
        const fit = withLogs(usual(limits), free, logs);
        const sample = samples[row]!;
        const seconds = sensitivities(fit, sample, free, slopes);
        return Math.log(seconds / sample.measuredSeconds);
      },
    });
  const starts = [0.9, 0.1].flatMap((part) =>
    [1, 4].map((kneeSharpness) => ({
      startSeconds: Math.max(2 * leastSeconds, part * shortest),
      bandwidthEfficiency: 0.7,
      computeEfficiency: 0.5,
      kneeSharpness,
    })),
  );
  const best = starts.map(fitFrom).reduce((one, other) => (other.meanMisfit < one.meanMisfit ? other : one));
  return { fit: withLogs(usual(limits), free, best.logs), meanMisfit: best.meanMisfit };
}

type Bounds = Readonly<Record<KernelParameter, readonly [low: number, high: number]>>;

function boundsOf(samples: readonly KernelSample[], limits: FitLimits): Bounds {
  const longestStart = Math.min(shortestOf(samples), limits.mostStartSeconds);
  return {
    startSeconds: [leastSeconds, Math.max(2 * leastSeconds, longestStart)],
    bandwidthEfficiency: [leastEfficiency, limits.mostEfficiency],
    computeEfficiency: [leastEfficiency, limits.mostEfficiency],
    kneeSharpness: kneeRange,
  };
}

function shortestOf(samples: readonly KernelSample[]): number {
  return samples.reduce((least, each) => Math.min(least, each.measuredSeconds), Number.POSITIVE_INFINITY);
}

function usual(limits: FitLimits): KernelFit {
  return {
    startSeconds: limits.usualStartSeconds,
    bandwidthEfficiency: 1,
    computeEfficiency: 1,
    kneeSharpness: limits.usualKnee,
  };
}

function withLogs(fit: KernelFit, free: readonly KernelParameter[], logs: Float64Array): KernelFit {
  const changed: Record<KernelParameter, number> = { ...fit };
  free.forEach((parameter, p) => {
    changed[parameter] = Math.exp(logs[p]!);
  });
  return changed;
}

/**
 * A sample's predicted seconds, and into `slopes` what a relative change of each parameter does to them, relatively:
 *   t0: t0 / t    e: −(k / t) w    c: −(k / t) (1 − w)    q: (k / t) q ∂ ln k / ∂ q
 * with k the knee's part of t, w = a^q / (a^q + b^q), and q ∂ ln k / ∂ q = (1 − w') ln r − ln(1 + r^q) / q, where r ≤ 1 is
 * the smaller of a and b over the larger and w' the larger's w.
 */
function sensitivities(
  fit: KernelFit,
  sample: KernelSample,
  parameters: readonly KernelParameter[],
  slopes: Float64Array,
): number {
  const a = sample.memorySeconds / fit.bandwidthEfficiency;
  const b = sample.computeSeconds / fit.computeEfficiency;
  const q = fit.kneeSharpness;
  const ratio = Math.min(a, b) / Math.max(a, b);
  const power = ratio > 0 ? ratio ** q : 0;
  const knee = Math.max(a, b) * (1 + power) ** (1 / q);
  const seconds = fit.startSeconds + knee;
  const busy = knee / seconds;
  const larger = 1 / (1 + power);
  const memory = a >= b ? larger : 1 - larger;
  parameters.forEach((parameter, p) => {
    if (parameter === "startSeconds") slopes[p] = fit.startSeconds / seconds;
    else if (parameter === "bandwidthEfficiency") slopes[p] = -busy * memory;
    else if (parameter === "computeEfficiency") slopes[p] = -busy * (1 - memory);
    else slopes[p] = power === 0 ? 0 : busy * ((1 - larger) * Math.log(ratio) - Math.log1p(power) / q);
  });
  return seconds;
}

const leastSlope: Readonly<Record<KernelParameter, number>> = {
  startSeconds: 0.05,
  bandwidthEfficiency: 0.1,
  computeEfficiency: 0.1,
  kneeSharpness: 0.01,
};

/**
 * The parameters that the rows can tell apart: the efficiency of the side that binds most of them at the ceilings, the start-up,
 * and, where FLOPs a byte differ, the knee and the other side's efficiency.
 */
function orderFor(samples: readonly KernelSample[], { ownKnee }: FitLimits): KernelParameter[] {
  const ratios = samples.map((each) => each.computeSeconds / each.memorySeconds);
  const memory = 2 * ratios.filter((ratio) => ratio <= 1).length >= samples.length;
  const first: KernelParameter = memory ? "bandwidthEfficiency" : "computeEfficiency";
  if (Math.max(...ratios) < leastIntensityRange * Math.min(...ratios)) return [first, "startSeconds"];
  const order: KernelParameter[] = [first, "startSeconds", memory ? "computeEfficiency" : "bandwidthEfficiency"];
  return ownKnee ? [...order, "kneeSharpness"] : order;
}

/** Whether two rows feel the parameter, or the only one does. */
function isFelt(samples: readonly KernelSample[], fit: KernelFit, parameter: KernelParameter): boolean {
  const slope = new Float64Array(1);
  const feeling = samples.filter((sample) => {
    sensitivities(fit, sample, [parameter], slope);
    return Math.abs(slope[0]!) >= leastSlope[parameter];
  });
  return feeling.length >= Math.min(2, samples.length);
}
