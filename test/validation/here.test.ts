import { beforeAll, describe, expect, test } from "vitest";
import { measuredTables } from "../../src/cli/measured-tables.ts";
import type { RowResult } from "../../src/measurement/measured-cells.ts";
import type { GridRow } from "../../src/measurement/measured-shape.ts";
import type { MeasurementTable } from "../../src/measurement/measurement-table.ts";
import { seededRandom } from "../../src/quantity/seeded-random.ts";
import type { KernelFit } from "../../src/timing/kernel-fit.ts";
import { kneeCalibrated } from "../../src/timing/knee-calibrated.ts";
import { type HereValidation, judgeHere } from "../../src/validation/here.ts";
import { hereGrid } from "../../src/validation/here-grid.ts";
import { rowPredictor } from "../../src/validation/predict-row.ts";
import { cpuMachine } from "../fixtures/cpu-machine.ts";

const kernelFit = (startSeconds: number, e: number, c: number, q: number): KernelFit => ({
  startSeconds,
  bandwidthEfficiency: e,
  computeEfficiency: c,
  kneeSharpness: q,
});
/** What the machine's kernels really do. */
const truth = new Map<string, KernelFit>(
  ["fp32", "bf16", "int8"].flatMap((format, i): [string, KernelFit][] => [
    [`linear, one row, ${format}`, kernelFit(6e-6, 0.9 - 0.1 * i, 0.5, 4)],
    [`attention, one query a K/V head, ${format}`, kernelFit(9e-6, 0.85 - 0.1 * i, 0.5, 4)],
    [`attention, shared K/V heads, ${format}`, kernelFit(9e-6, 0.6, 0.7, 1.5)],
  ]),
);
truth.set("elementwise", kernelFit(2e-6, 0.3, 0.2, 2));

const grid = hereGrid({ backend: "wasm", threads: 2, lastCacheBytes: 32 * 2 ** 20, quick: false });

/** The tables of a machine whose kernels follow the truth, each time off by at most the noise. */
function tablesOf(noise: number, stepFactor = 1, kernels = truth, machine = cpuMachine): readonly MeasurementTable[] {
  const random = seededRandom(5);
  const labels = { machine: "here", date: "2026-11-25" };
  const timed = (row: GridRow, seconds: number): RowResult => {
    const interval = { lowSeconds: seconds, highSeconds: seconds, level: 0.95 };
    const spread = { medianSeconds: seconds, minSeconds: 0.99 * seconds, maxSeconds: 1.05 * seconds, madSeconds: 0 };
    const runs = { samples: 9, runsPerSample: 1, repetitions: 9, clock: "host" as const };
    return { row, status: "ok", reason: null, time: { status: "ok", ...spread, interval, ...runs } };
  };
  const rows = [...grid.kernels, ...grid.steps];
  const blank = measuredTables(
    rows.map((row) => timed(row, 1)),
    labels,
  );
  const predict = rowPredictor(machine, (each) => kneeCalibrated(each, kernels));
  return blank.map((table) => ({
    ...table,
    rows: table.rows.map((row) => {
      const off = 1 + noise * (2 * random.uniform() - 1);
      const seconds = predict(row, table.name).seconds * off * (row.kind === "steps" ? stepFactor : 1);
      return { ...row, seconds, minSeconds: seconds, maxSeconds: seconds };
    }),
  }));
}

describe("a machine whose kernels follow the form, measured within 4 %", () => {
  let here: HereValidation;
  beforeAll(() => {
    here = judgeHere(tablesOf(0.04), cpuMachine);
  });

  test("meets every line of the verdict", () => {
    expect(here.verdict.map((line) => line.claim)).toEqual([
      "whole steps, median error",
      "whole steps, largest error",
      "whole steps, median error as a share of the roofline's",
      "held-out attention kernels, median error",
      "held-out linear kernels, median error",
      "speed-up of MQA over MHA, attention calls, median error",
      "speed-up of MQA over MHA, whole steps, median error",
    ]);
    expect(here.verdict.filter((line) => !line.passed)).toEqual([]);
  });

  test("has the bandwidth efficiencies that its kernels have, within 10 %", () => {
    const fitted = here.calibration.fits;
    for (const [family, known] of truth) {
      // Where both sides bind and the knee is soft, noise moves one for the other: those are judged by their predictions.
      if (family === "elementwise" || family.includes("shared")) continue;
      const found = fitted.get(family);
      expect(Math.abs((found?.bandwidthEfficiency ?? 0) / known.bandwidthEfficiency - 1), family).toBeLessThan(0.1);
    }
  });

  test("is predicted better by the fit than by its roofline, steps and kernels", () => {
    for (const part of [here.kernels, here.steps]) {
      for (const kind of ["attention", "linear", "steps"] as const) {
        const [fitted, bound] = [part.calibrated.kinds[kind], part.roofline.kinds[kind]];
        if (fitted === undefined || bound === undefined) continue;
        expect(fitted.medianAbsolutePercentageError).toBeLessThan(0.5 * bound.medianAbsolutePercentageError);
      }
    }
  });

  test("has pairs of MHA and MQA in each format that no fit saw", () => {
    const formats = here.kernelSpeedups.map(({ row }) => row.dtype);
    expect(new Set(formats)).toEqual(new Set(["fp32", "bf16", "int8"]));
    expect(here.kernelSpeedups.filter(({ row }) => here.fitted.has(row))).toEqual([]);
    expect(here.stepSpeedups).toHaveLength(9);
  });

  test("no step and no held-out kernel was fitted, and none is left out", () => {
    const compared = [...here.steps.calibrated.compared, ...here.kernels.calibrated.compared];
    expect(compared.filter(({ row }) => here.fitted.has(row))).toEqual([]);
    expect(compared.length + here.fitted.size).toBe(grid.kernels.length + grid.steps.length);
  });
});

test("steps that are a quarter slower than their kernels say miss the verdict, kernels don't", () => {
  const { verdict } = judgeHere(tablesOf(0.02, 1.25), cpuMachine);
  const missed = verdict.filter((line) => !line.passed).map((line) => line.claim);
  expect(missed).toEqual(["whole steps, median error", "whole steps, largest error"]);
});

describe("what decides on the fit", () => {
  /** The tables with one kernel's time changed. */
  const changed = (tables: readonly MeasurementTable[], line: number, table: string, factor: number) =>
    tables.map((each) => ({
      ...each,
      rows: each.rows.map((row) =>
        each.name === table && row.line === line ? { ...row, seconds: factor * row.seconds } : row,
      ),
    }));

  test("is no held-out row: whatever its time, the same rows are fitted, to the same fit", () => {
    const tables = tablesOf(0.04);
    const before = judgeHere(tables, cpuMachine);
    for (const name of ["attention.csv", "linear.csv"]) {
      const held = tables.find((table) => table.name === name)?.rows.find((row) => !before.fitted.has(row));
      for (const factor of [0.3, 5]) {
        const after = judgeHere(changed(tables, held!.line, name, factor), cpuMachine);
        expect(after.calibration).toEqual(before.calibration);
        expect([...after.fitted].map((row) => row.line)).toEqual([...before.fitted].map((row) => row.line));
      }
    }
  });

  test("leaves each family of attention and linear layers six rows at least", () => {
    const { families } = judgeHere(tablesOf(0), cpuMachine).calibration;
    for (const { family, residuals } of families) {
      if (/attention|linear/.test(family)) expect(residuals.rows, family).toBeGreaterThanOrEqual(6);
    }
  });

  test("is one knee that all families share: the kernels' own, or the usual one where no row shows any", () => {
    const own = (knee: number) =>
      new Map([...truth].map(([family, fit]): [string, KernelFit] => [family, { ...fit, kneeSharpness: knee }]));
    for (const knee of [1, 2, 4]) {
      const { calibration } = judgeHere(tablesOf(0, 1, own(knee)), cpuMachine);
      expect(Math.abs(Math.log2(calibration.commonKnee! / knee))).toBeLessThanOrEqual(0.5);
      for (const { fit } of calibration.families) expect(fit.kneeSharpness).toBe(calibration.commonKnee);
    }
    // Multiplied so quickly that bytes alone count.
    const quick = { ...cpuMachine, peakFlopsPerSecond: { fp32: 1e18, bf16: 1e18, int8: 1e18 } };
    const tables = tablesOf(0, 1, truth, quick);
    expect(judgeHere(tables, quick).calibration.commonKnee).toBe(2);
    for (const usualKnee of [1, 2.8284271247461903]) {
      expect(judgeHere(tables, quick, { usualKnee }).calibration.commonKnee).toBeCloseTo(usualKnee, 6);
    }
  });

  test("is no start-up beyond some tasks of one thread, and it is said that it stands at its bound", () => {
    const slow = new Map([...truth].map(([family, fit]): [string, KernelFit] => [family, { ...fit, startSeconds: 1 }]));
    const { families } = judgeHere(tablesOf(0, 1, slow), cpuMachine).calibration;
    // 4 µs to start, 16 tasks of 256 KiB at half of 20 GB/s.
    const bound = 4e-6 + 16 * (2 ** 18 / 10e9);
    for (const { family, fit, determined, atBound } of families) {
      if (!/attention|linear/.test(family)) continue;
      expect(fit.startSeconds).toBeLessThanOrEqual(1.0001 * bound);
      expect(determined).not.toContain("startSeconds");
      if (fit.startSeconds > 0.99 * bound) expect(atBound).toContain("startSeconds");
    }
    expect(families.filter(({ atBound }) => atBound.includes("startSeconds")).length).toBeGreaterThan(0);
  });

  test("is the spread of the plain reads where kernels pass their ceiling", () => {
    const fast = new Map(
      [...truth].map(([family, fit]): [string, KernelFit] => [family, { ...fit, bandwidthEfficiency: 1.2 }]),
    );
    const tables = tablesOf(0, 1, fast);
    const efficiency = (readSpread: number): number =>
      judgeHere(tables, cpuMachine, { readSpread }).calibration.fits.get("linear, one row, fp32")!.bandwidthEfficiency;
    expect(efficiency(1)).toBeLessThanOrEqual(1);
    expect(efficiency(1.1)).toBeCloseTo(1.1, 3);
    expect(efficiency(1.5)).toBeGreaterThan(1.15);
  });
});

test("int8 kernels that multiply at int8's peak are predicted by it, in a fit that says so", () => {
  const quick = { ...cpuMachine, peakFlopsPerSecond: { fp32: 20e9, bf16: 20e9, int8: 80e9 } };
  const whole = new Map([...truth].map(([family, fit]): [string, KernelFit] => [family, withInt8(family, fit)]));
  const { calibration, kernels } = judgeHere(tablesOf(0.02, 1, whole, quick), quick);
  expect(calibration.fits.get("linear, one row, int8")?.multiplies).toBe("int8");
  expect(calibration.fits.get("linear, one row, bf16")?.multiplies).toBeUndefined();
  const errors = kernels.calibrated.compared.filter(({ row }) => row.dtype === "int8");
  expect(errors.length).toBeGreaterThan(5);
  for (const { errorPercent } of errors) expect(Math.abs(errorPercent)).toBeLessThan(10);
});

function withInt8(family: string, fit: KernelFit): KernelFit {
  return family.endsWith("int8") ? { ...fit, multiplies: "int8" } : fit;
}
