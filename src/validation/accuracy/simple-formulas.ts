/**
 * Formulas that other tools predict kernels and steps with, on the same counts and the datasheet's rates:
 *   t = kernels × t0 + max(bytes / (e × bandwidth), FLOPs / (c × peak))      the longer of the two for each operation
 *   roofline        t0 = 0, e = c = 1
 *   80 % + 3 µs     t0 = 3 µs, e = c = 0.8
 *   one affine fit  t0, e and c fitted once to all kernels of a machine, whatever they do: no shape, no wave, no format
 * The affine fit is given what the kernel forms are given: groups of rows are left out alike (cross-validate.ts).
 */
import { median } from "../../quantity/sample-statistics.ts";
import { emptyKernelTime, type KernelForm, type KernelMachine } from "../../timing/kernel-form.ts";
import { crossValidate } from "../cross-validate.ts";
import { type FormSample, fitForm } from "../fit-form.ts";
import type { OperationCeilings } from "./operation-ceilings.ts";

export const simpleFormulas = ["roofline", "80 % + 3 µs", "one affine fit"] as const;
export type SimpleFormula = (typeof simpleFormulas)[number];

/** Median absolute errors in per cent; null where a formula has none. */
export type SimpleErrors = Readonly<Record<SimpleFormula, number | null>>;

/** Start-up seconds of a kernel, then shares of the datasheet's bandwidth and peak. */
export type SimpleConstants = readonly [startSeconds: number, bandwidthShare: number, peakShare: number];

const fixed: Readonly<Record<"roofline" | "80 % + 3 µs", SimpleConstants>> = {
  roofline: [0, 1, 1],
  "80 % + 3 µs": [3e-6, 0.8, 0.8],
};

/** Rows beyond which folds are fewer, as in calibrate.ts. */
const manyRows = 5000;

/** The formula as a kernel form, so that it is fitted by the same code. */
export const affineForm: KernelForm<OperationCeilings> = {
  kind: "affine",
  parameters: [
    { name: "startSeconds", meaning: "start-up of any kernel", unit: "s", lowest: 1e-9, highest: 1e-3, starts: [4e-6] },
    { name: "bandwidthShare", meaning: "of the bandwidth", unit: "share", lowest: 0.05, highest: 1, starts: [0.8] },
    { name: "peakShare", meaning: "of the peak", unit: "share", lowest: 0.05, highest: 1, starts: [0.7] },
  ],
  time(constants, call, _machine, into) {
    const start = call.kernels * constants[0]!;
    into.startSeconds = start;
    into.memorySeconds = call.memorySeconds / constants[1]!;
    into.computeSeconds = call.computeSeconds / constants[2]!;
    into.linkSeconds = 0;
    into.seconds = start + Math.max(into.memorySeconds, into.computeSeconds);
  },
};

/** The form asks nothing of a machine: its ceilings are in the call. */
const noMachine: KernelMachine = {
  ...{ bytesPerSecond: 1, processors: 1, cacheBytes: 0, peakFlopsPerSecond: {}, linkBytesPerSecond: null },
};

/**
 * Each kernel's time by one affine fit to all of them, predicted without its group.
 * @throws RangeError where all are of one group
 */
export function affineHeldOut<Sample extends FormSample<OperationCeilings>>(
  samples: readonly Sample[],
): ReadonlyMap<FormSample<OperationCeilings>, number> {
  const folds = samples.length > manyRows ? 4 : 10;
  const heldOut = crossValidate(affineForm, samples, noMachine, folds);
  return new Map(heldOut.map(({ sample, predictedSeconds }) => [sample, predictedSeconds]));
}

/** The constants of one affine fit to all samples. @throws RangeError for no samples */
export function affineConstants(samples: readonly FormSample<OperationCeilings>[]): SimpleConstants {
  const [start = 0, bandwidth = 1, peak = 1] = fitForm(affineForm, samples, noMachine).parameters;
  return [start, bandwidth, peak];
}

/** What is measured and of which operations it is made. */
export interface SimpleRun {
  readonly operations: readonly OperationCeilings[];
  readonly seconds: number;
}

/** Median errors; the affine fit's by its constants, or by what it says of each run; null without either. */
export function simpleErrors<Run extends SimpleRun>(
  runs: readonly Run[],
  affine: SimpleConstants | ((run: Run) => number) | null,
): SimpleErrors {
  const medianOf = (predicted: (run: Run) => number): number =>
    median(runs.map((run) => 100 * Math.abs(predicted(run) / run.seconds - 1)));
  const by = (constants: SimpleConstants): number => medianOf(({ operations }) => simpleSeconds(operations, constants));
  return {
    roofline: by(fixed.roofline),
    "80 % + 3 µs": by(fixed["80 % + 3 µs"]),
    "one affine fit": affine === null ? null : typeof affine === "function" ? medianOf(affine) : by(affine),
  };
}

/** @example 1 ms of bytes and 0.5 ms of FLOPs in 2 kernels, 80 % + 3 µs: 6 µs + 1.25 ms */
export function simpleSeconds(operations: readonly OperationCeilings[], constants: SimpleConstants): number {
  const time = emptyKernelTime();
  return operations.reduce((sum, operation) => {
    affineForm.time(constants, operation, noMachine, time);
    return sum + time.seconds;
  }, 0);
}
