import { beforeAll, describe, expect, test } from "vitest";
import { measuredTables } from "../../src/cli/measured-tables.ts";
import { seededRandom } from "../../src/kernels/seeded-random.ts";
import type { RowResult } from "../../src/measurement/measured-cells.ts";
import type { GridRow } from "../../src/measurement/measured-shape.ts";
import type { MeasurementTable } from "../../src/measurement/measurement-table.ts";
import { calibrated } from "../../src/timing/calibrated.ts";
import type { KernelFit } from "../../src/timing/kernel-fit.ts";
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
function tablesOf(noise: number, stepFactor = 1): readonly MeasurementTable[] {
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
  const predict = rowPredictor(cpuMachine, (machine) => calibrated(machine, truth));
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
