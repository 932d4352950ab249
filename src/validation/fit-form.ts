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
  const time = emptyKernelTime();
  const logSeconds = (call: Call): number => {
    form.time(values, call, machine, time);
    return Math.log(time.seconds);
  };
  const misfit = (row: number, logs: Float64Array, slopes: Float64Array): number => {
    const sample = samples[row]!;
    const weight = sample.weight ?? 1;
    free.forEach((index, p) => {
      values[index] = Math.exp(logs[p]!);
    });
    const here = logSeconds(sample.call);
    free.forEach((index, p) => {
      const value = values[index]!;
      values[index] = value * Math.exp(slopeStep);
      slopes[p] = (weight * (logSeconds(sample.call) - here)) / slopeStep;
      values[index] = value;
    });
    return weight * (here - Math.log(sample.seconds));
  };
  const fits = startsOf(free.map(definition)).map(
    (start): LogFit =>
      fitLogs({
        rows: samples.length,
        start: start.map(Math.log),
        lowest: free.map((index) => Math.log(definition(index).lowest)),
        highest: free.map((index) => Math.log(definition(index).highest)),
        misfit,
      }),
  );
  const best = fits.reduce((one, other) => (other.meanMisfit < one.meanMisfit ? other : one));
  free.forEach((index, p) => {
    values[index] = Math.exp(best.logs[p]!);
  });
  const atBound = free.flatMap((index) => {
    const { name, lowest, highest } = definition(index);
    return [lowest, highest].some((bound) => Math.abs(values[index]! / bound - 1) < 1e-4) ? [name] : [];
  });
  return { parameters: values, atBound, meanMisfit: best.meanMisfit };
}

/** The first starts of all parameters together, the second ones, and so on; where one has fewer, its last. */
function startsOf(parameters: readonly FormParameter[]): number[][] {
  const most = Math.max(1, ...parameters.map(({ starts }) => starts.length));
  return Array.from({ length: most }, (_, i) =>
    parameters.map(({ starts }) => starts[Math.min(i, starts.length - 1)]!),
  );
}
