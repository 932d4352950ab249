/**
 * The start-up of a step's small kernels from whole steps: what the measured steps take beyond the kernels that were measured
 * alone, divided by the number of small kernels that the execution profile leaves unfused. Their bytes go at the copy bandwidth.
 * One parameter is fitted, with the robust loss of least-squares.ts; models are left out whole to see how far it holds.
 */
import type { Hardware } from "../hardware/hardware.ts";
import type { StepRow } from "../measurement/measurement-row.ts";
import type { MeasurementTable } from "../measurement/measurement-table.ts";
import { calibrated } from "../timing/calibrated.ts";
import type { Calibration, FittedKernel } from "../timing/calibration.ts";
import type { ExecutionProfile } from "../timing/execution-profile.ts";
import { kernelRegimes } from "../timing/kernel-regime.ts";
import { smallKernel } from "../timing/kernels/small-kernel.ts";
import { fitLogs } from "./least-squares.ts";
import { rowPredictor } from "./predict-row.ts";

export interface StepSample {
  readonly row: StepRow;
  readonly table: string;
  /** Held out together. */
  readonly model: string;
}

/** A step predicted by a fit that saw no step of its model. */
export interface HeldOutStep extends StepSample {
  readonly predictedSeconds: number;
  readonly interval: { readonly low: number; readonly high: number } | null;
}

export interface StepKernelFit {
  readonly kernel: FittedKernel;
  /** Start-up by the model that was left out. */
  readonly startsByLeftOut: ReadonlyMap<string, number>;
  /** Empty where all steps are of one model. */
  readonly heldOut: readonly HeldOutStep[];
}

/** An interval of a start-up that two models or fewer show is at least so wide either way. */
const leastSpread = 0.1;
const microsecond = 1e-6;

export function stepSamples(tables: readonly MeasurementTable[]): StepSample[] {
  return tables.flatMap(({ name, rows }) =>
    rows.flatMap((row) =>
      row.kind === "steps" ? [{ row, table: name, model: row.model ?? `${row.layers} × ${row.dModel}` }] : [],
    ),
  );
}

/**
 * @param copyShare copy bandwidth over read bandwidth
 * @throws RangeError for no samples
 */
export function fitStepKernels(
  samples: readonly StepSample[],
  hardware: Hardware,
  calibration: Calibration,
  profile: ExecutionProfile,
  copyShare: number,
): StepKernelFit {
  const withStart = (startSeconds: number, spread = leastSpread): Calibration => ({
    ...calibration,
    kernels: [...calibration.kernels, stepKernel(startSeconds, copyShare, spread)],
  });
  const fitted = (some: readonly StepSample[]): number => fitStart(some, hardware, withStart, profile);
  const start = fitted(samples);
  const models = [...new Set(samples.map(({ model }) => model))];
  const startsByLeftOut = new Map<string, number>();
  if (models.length > 1) {
    for (const model of models) startsByLeftOut.set(model, fitted(samples.filter((each) => each.model !== model)));
  }
  const starts = [...startsByLeftOut.values()];
  const range = starts.length > 1 ? Math.log(Math.max(...starts) / Math.min(...starts)) : 0;
  const spread = Math.max(leastSpread, range);
  const heldOut = [...startsByLeftOut].flatMap(([model, startSeconds]) => {
    const predict = rowPredictor(hardware, (machine) => calibrated(machine, withStart(startSeconds, spread), profile));
    return samples
      .filter((each) => each.model === model)
      .map((each) => {
        const { seconds, interval } = predict(each.row, each.table);
        return { ...each, predictedSeconds: seconds, interval: interval === null ? null : { ...interval } };
      });
  });
  return { kernel: stepKernel(start, copyShare, spread), startsByLeftOut, heldOut };
}

function fitStart(
  samples: readonly StepSample[],
  hardware: Hardware,
  withStart: (startSeconds: number) => Calibration,
  profile: ExecutionProfile,
): number {
  // The step is linear in the start-up: two predictions say all.
  const secondsAt = (startSeconds: number): Float64Array => {
    const predict = rowPredictor(hardware, (machine) => calibrated(machine, withStart(startSeconds), profile));
    return Float64Array.from(samples, ({ row, table }) => predict(row, table).seconds);
  };
  const [low, high] = [secondsAt(microsecond), secondsAt(2 * microsecond)];
  const { lowest, highest, starts } = smallKernel.parameters[0]!;
  const { logs } = fitLogs({
    rows: samples.length,
    start: [Math.log(starts[0])],
    lowest: [Math.log(lowest)],
    highest: [Math.log(highest)],
    misfit: (row, [log], slopes) => {
      const kernels = (high[row]! - low[row]!) / microsecond;
      const start = Math.exp(log!);
      const seconds = low[row]! + kernels * (start - microsecond);
      slopes[0] = (kernels * start) / seconds;
      return Math.log(seconds / samples[row]!.row.seconds);
    },
  });
  return Math.exp(logs[0]!);
}

function stepKernel(startSeconds: number, copyShare: number, spread: number): FittedKernel {
  return {
    kind: "small-kernel",
    kernel: "of whole steps",
    format: "bf16",
    parameters: [startSeconds, copyShare],
    spreads: kernelRegimes.map((regime) => ({ regime, relative: spread, seconds: 0, low: -1, high: 1, rows: 0 })),
    correlation: 1,
    shortestSeconds: 0,
    longestSeconds: Number.POSITIVE_INFINITY,
  };
}
