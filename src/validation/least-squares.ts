/**
 * Fits a few positive parameters to positive measurements: the relative misfit, ln(predicted / measured), is made small by
 * Huber's loss (squares up to δ, straight lines beyond), so that outliers pull no harder than rows a little off.
 *   steps     Levenberg and Marquardt on the logarithms of the parameters, rows reweighted by min(1, δ / |misfit|)
 *   δ         1.345 × 1.4826 × median |misfit|, taken anew as the fit settles, at least 0.2 %
 *   bounds    a parameter at its bound stays there while the loss would push it beyond
 *   pull      (strength × (logarithm − its prior))² / 2 a parameter, where asked for: what no row feels stays there
 * The same rows give the same fit. Source: Huber 1964; Marquardt 1963; Holland and Welsch 1977 (1.345, reweighting).
 */
import { median } from "../quantity/sample-statistics.ts";

export interface LogFitProblem {
  readonly rows: number;
  /** Parameters' logarithms. */
  readonly start: readonly number[];
  readonly lowest: readonly number[];
  readonly highest: readonly number[];
  /** Misfit of a row at these logarithms, and into `slopes` its derivatives by them. */
  readonly misfit: (row: number, logs: Float64Array, slopes: Float64Array) => number;
  /** Told the logarithms before the rows are asked for at them. */
  readonly at?: (logs: Float64Array) => void;
  /** A row's misfit alone, where that is cheaper: most evaluations want no slopes. */
  readonly misfitAlone?: (row: number) => number;
  /** How strongly each parameter is drawn to `prior`, its start unless given; not at all unless given. */
  readonly pull?: readonly number[];
  readonly prior?: readonly number[];
}

export interface LogFit {
  readonly logs: Float64Array;
  /** Mean of |misfit|, for choosing among starts. */
  readonly meanMisfit: number;
}

const rounds = 8;
const stepsOfRound = 12;
const leastDelta = 0.002;
/** Part of the loss that a step must gain for another one to follow. */
const leastGain = 1e-6;

export function fitLogs(problem: LogFitProblem): LogFit {
  const { rows, start, lowest, highest } = problem;
  const within = (logs: Float64Array): Float64Array =>
    logs.map((log, p) => Math.min(highest[p] ?? log, Math.max(lowest[p] ?? log, log)));
  let logs = within(Float64Array.from(start));
  const misfits = new Float64Array(rows);
  for (let round = 0; round < rounds; round++) {
    takeMisfits(problem, logs, misfits);
    const delta = Math.max(leastDelta, 1.345 * 1.4826 * median(Array.from(misfits, Math.abs)));
    const before = logs;
    logs = settle(problem, logs, delta, within);
    if (before.every((log, p) => Math.abs(log - (logs[p] ?? log)) < 1e-4)) break;
  }
  takeMisfits(problem, logs, misfits);
  return { logs, meanMisfit: misfits.reduce((sum, misfit) => sum + Math.abs(misfit), 0) / rows };
}

/** Levenberg and Marquardt's steps at one δ. */
function settle(
  problem: LogFitProblem,
  from: Float64Array,
  delta: number,
  within: (logs: Float64Array) => Float64Array,
): Float64Array {
  let logs = from;
  let now = normalEquations(problem, logs, delta);
  let damping = 1e-3;
  for (let step = 0; step < stepsOfRound && damping < 1e12; ) {
    const free = freeParameters(problem, logs, now.gradient);
    const change = solved(now.curvature, now.gradient, free, damping);
    const next = within(logs.map((log, p) => log - (change[p] ?? 0)));
    const loss = lossAt(problem, next, delta);
    if (!(loss < now.loss)) {
      damping *= 8;
      if (Math.max(...change.map(Math.abs)) < 1e-12) break;
      continue;
    }
    const gained = (now.loss - loss) / now.loss;
    logs = next;
    now = normalEquations(problem, next, delta);
    damping = Math.max(1e-12, damping / 8);
    step++;
    if (gained < leastGain) break;
  }
  return logs;
}

function takeMisfits(problem: LogFitProblem, logs: Float64Array, into: Float64Array): void {
  const slopes = new Float64Array(logs.length);
  problem.at?.(logs);
  for (let row = 0; row < problem.rows; row++) {
    into[row] = problem.misfitAlone?.(row) ?? problem.misfit(row, logs, slopes);
  }
}

function lossAt(problem: LogFitProblem, logs: Float64Array, delta: number): number {
  const misfits = new Float64Array(problem.rows);
  takeMisfits(problem, logs, misfits);
  let loss = pulledLoss(problem, logs);
  for (const misfit of misfits) loss += huberLoss(Math.abs(misfit), delta);
  return loss;
}

function huberLoss(size: number, delta: number): number {
  return size <= delta ? (size * size) / 2 : delta * (size - delta / 2);
}

function pulledLoss({ pull = [], start, prior = start }: LogFitProblem, logs: Float64Array): number {
  return logs.reduce((sum, log, p) => sum + ((pull[p] ?? 0) * (log - prior[p]!)) ** 2 / 2, 0);
}

interface NormalEquations {
  readonly loss: number;
  readonly gradient: Float64Array;
  /** Rows one after the other. */
  readonly curvature: Float64Array;
}

function normalEquations(problem: LogFitProblem, logs: Float64Array, delta: number): NormalEquations {
  const n = logs.length;
  const gradient = new Float64Array(n);
  const curvature = new Float64Array(n * n);
  const slopes = new Float64Array(n);
  let loss = pulledLoss(problem, logs);
  problem.at?.(logs);
  for (let row = 0; row < problem.rows; row++) {
    const misfit = problem.misfit(row, logs, slopes);
    const size = Math.abs(misfit);
    const weight = size <= delta ? 1 : delta / size;
    loss += huberLoss(size, delta);
    for (let i = 0; i < n; i++) {
      const slope = weight * slopes[i]!;
      gradient[i]! += slope * misfit;
      for (let j = 0; j <= i; j++) curvature[i * n + j]! += slope * slopes[j]!;
    }
  }
  const { pull = [], start, prior = start } = problem;
  for (let i = 0; i < n; i++) {
    const strength = (pull[i] ?? 0) ** 2;
    gradient[i]! += strength * (logs[i]! - prior[i]!);
    curvature[i * n + i]! += strength;
    for (let j = 0; j < i; j++) curvature[j * n + i] = curvature[i * n + j]!;
  }
  return { loss, gradient, curvature };
}

/** Those that the loss does not push against their bounds. */
function freeParameters(problem: LogFitProblem, logs: Float64Array, gradient: Float64Array): number[] {
  return Array.from(logs.keys()).filter((p) => {
    const log = logs[p]!;
    const downhill = -gradient[p]!;
    return !((log <= problem.lowest[p]! && downhill < 0) || (log >= problem.highest[p]! && downhill > 0));
  });
}

/** (C + damping × diagonal) x = g over the free parameters, by Gaussian elimination; 0 for the others. */
function solved(curvature: Float64Array, gradient: Float64Array, free: readonly number[], damping: number): number[] {
  const n = gradient.length;
  const matrix = free.map((i) => [...free.map((j) => curvature[i * n + j]!), gradient[i]!]);
  matrix.forEach((row, i) => {
    row[i]! += damping * Math.max(row[i]!, 1e-9);
  });
  const size = free.length;
  for (let pivot = 0; pivot < size; pivot++) {
    // The damped matrix is positive definite, so that no exchange of rows is needed.
    for (let row = 0; row < size; row++) {
      if (row === pivot) continue;
      const factor = matrix[row]![pivot]! / matrix[pivot]![pivot]!;
      for (let column = pivot; column <= size; column++) matrix[row]![column]! -= factor * matrix[pivot]![column]!;
    }
  }
  const change = new Array<number>(n).fill(0);
  free.forEach((p, i) => {
    change[p] = matrix[i]![size]! / matrix[i]![i]!;
  });
  return change;
}
