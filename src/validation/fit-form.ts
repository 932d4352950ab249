/**
 * Fits a kernel form's parameters to measured calls: the misfit ln(predicted / measured) is made small, robustly, by least-squares.ts
 * on the logarithms of the parameters, with slopes by differences. Deterministic: the same samples give the same fit.
 * Weights multiply the misfits: 1 for all unless a sample says otherwise.
 */
import { emptyKernelTime, type FormParameter, type KernelForm, type KernelMachine } from "../timing/kernel-form.ts";
import { fitLogs, type LogFit } from "./least-squares.ts";

/** One measured call. */
export interface FormSample<Call> {
  readonly call: Call;
  readonly seconds: number;
  /** What its misfit counts; 1 unless given. */
  readonly weight?: number;
  /** Rows of one group (a matrix shape, a K/V head count) are held out together. */
  readonly group: string;
}

export interface FormFit {
  readonly parameters: Float64Array;
  /** Those that stand at a bound. */
  readonly atBound: readonly string[];
  /** Mean |ln(predicted / measured)| of the fitted rows. */
  readonly meanMisfit: number;
}

export interface FitFormOptions {
  /** Parameters that keep a given value, by name. */
  readonly fixed?: Readonly<Record<string, number>>;
}

/** Step of a logarithm for a slope. */
const slopeStep = 1e-4;
/** A fit of more rows finds its way on about so many of them, evenly spread, and then settles on more. */
const firstSamples = 2000;
/** Rows that it settles on at most: more than enough for some twenty parameters. */
const settledSamples = 12_000;
/** Misfit that a parameter off its start by its own spread counts as: next to nothing but where no row feels it. */
const startMisfit = 0.05;
/** Spread of a parameter, as a logarithm, whose definition has none. */
const usualSpread = 2;

/** @throws RangeError for no samples */
export function fitForm<Call extends object>(
  form: KernelForm<Call>,
  samples: readonly FormSample<Call>[],
  machine: KernelMachine,
  options: FitFormOptions = {},
): FormFit {
  if (samples.length === 0) throw new RangeError("a fit of no samples");
  const fixed = options.fixed ?? {};
  const values = Float64Array.from(form.parameters, (parameter) => fixed[parameter.name] ?? parameter.starts[0]);
  const free = form.parameters.flatMap((parameter, index) => (Object.hasOwn(fixed, parameter.name) ? [] : [index]));
  const definition = (index: number): FormParameter => form.parameters[index]!;
  const least = leastLogs(form, machine, values, free);
  const starts = startsOf(free.map(definition));
  const settled = spreadSamples(samples, settledSamples);
  const some = samples.length > 2 * firstSamples ? spreadSamples(samples, firstSamples) : settled;
  const fits = starts.map((start) => ({ start, fit: least(some, start, start) }));
  const { start, fit } = fits.reduce((one, other) => (other.fit.meanMisfit < one.fit.meanMisfit ? other : one));
  const best = some === settled ? fit : least(settled, start, Array.from(fit.logs, Math.exp));
  free.forEach((index, p) => {
    values[index] = Math.exp(best.logs[p]!);
  });
  const atBound = free.flatMap((index) => {
    const { name, lowest, highest } = definition(index);
    return [lowest, highest].some((bound) => Math.abs(values[index]! / bound - 1) < 1e-4) ? [name] : [];
  });
  return { parameters: values, atBound, meanMisfit: best.meanMisfit };
}

const goldenRatio = (Math.sqrt(5) - 1) / 2;

/** About so many of them at most, evenly spread whatever grid they are in the order of. */
export function spreadSamples<T>(all: readonly T[], most: number): readonly T[] {
  return all.length <= most ? all : all.filter((_, i) => (i * goldenRatio) % 1 < most / all.length);
}

type LeastLogs<Call> = (
  rows: readonly FormSample<Call>[],
  prior: readonly number[],
  start: readonly number[],
) => LogFit;

/** Fits the free ones among `values` to rows, beginning at `start` and drawn to `prior`. */
function leastLogs<Call extends object>(
  form: KernelForm<Call>,
  machine: KernelMachine,
  values: Float64Array,
  free: readonly number[],
): LeastLogs<Call> {
  const time = emptyKernelTime();
  const logs = (each: "lowest" | "highest"): number[] => free.map((index) => Math.log(form.parameters[index]![each]));
  const raised = new Float64Array(free.length);
  const at = (point: Float64Array): void => {
    for (let p = 0; p < free.length; p++) {
      const value = Math.exp(point[p]!);
      values[free[p]!] = value;
      raised[p] = value * Math.exp(slopeStep);
    }
  };
  return (rows, prior, start) => {
    const logMeasured = Float64Array.from(rows, ({ seconds }) => Math.log(seconds));
    const misfitAlone = (row: number): number => {
      const { call, weight = 1 } = rows[row]!;
      form.time(values, call, machine, time);
      return weight * (Math.log(time.seconds) - logMeasured[row]!);
    };
    const misfit = (row: number, _point: Float64Array, slopes: Float64Array): number => {
      const { call, weight = 1 } = rows[row]!;
      form.time(values, call, machine, time);
      const here = time.seconds;
      for (let p = 0; p < free.length; p++) {
        const index = free[p]!;
        const value = values[index]!;
        values[index] = raised[p]!;
        form.time(values, call, machine, time);
        values[index] = value;
        // ln(a / b) = ln(1 + (a − b) / b): no logarithm a parameter
        slopes[p] = (weight * (time.seconds - here)) / (here * slopeStep);
      }
      return weight * (Math.log(here) - logMeasured[row]!);
    };
    const pull = free.map((index) => startMisfit / (form.parameters[index]!.spread ?? usualSpread));
    const bounds = { lowest: logs("lowest"), highest: logs("highest") };
    return fitLogs({
      rows: rows.length,
      start: start.map(Math.log),
      prior: prior.map(Math.log),
      ...bounds,
      at,
      misfit,
      misfitAlone,
      pull,
    });
  };
}

/** The first starts of all parameters together, the second ones, and so on; where one has fewer, its last. */
function startsOf(parameters: readonly FormParameter[]): number[][] {
  const most = Math.max(1, ...parameters.map(({ starts }) => starts.length));
  return Array.from({ length: most }, (_, i) =>
    parameters.map(({ starts }) => starts[Math.min(i, starts.length - 1)]!),
  );
}
