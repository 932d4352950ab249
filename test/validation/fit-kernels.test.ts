import { describe, expect, test } from "vitest";
import type { MeasurementRow } from "../../src/measurement/measurement-row.ts";
import { readMeasurementTable } from "../../src/measurement/measurement-table.ts";
import { median } from "../../src/quantity/sample-statistics.ts";
import { kneeCalibrated } from "../../src/timing/knee-calibrated.ts";
import { fitKernels } from "../../src/validation/fit-kernels.ts";
import { kernelSamples } from "../../src/validation/kernel-samples.ts";
import { rowPredictor } from "../../src/validation/predict-row.ts";
import { splitRows } from "../../src/validation/split-rows.ts";
import { h100Tables, measuredH100 } from "../fixtures/measurements.ts";

const h100 = measuredH100();
const [attention, linear, steps] = h100Tables.map((table) => table.rows) as [
  readonly MeasurementRow[],
  readonly MeasurementRow[],
  readonly MeasurementRow[],
];

/** Median error of the held-out rows, fitted on the others, in per cent. */
function heldOutError(rows: readonly MeasurementRow[]): number {
  const { fitted, heldOut } = splitRows(rows, h100);
  const { fits } = fitKernels(fitted, h100);
  const predict = rowPredictor(h100, (machine) => kneeCalibrated(machine, fits));
  return median(heldOut.map((row) => 100 * Math.abs(predict(row, "rows").seconds / row.seconds - 1)));
}

describe("kernels measured on an H100", () => {
  const ofKernel = (kernel: string) => attention.filter((row) => row.kernel === kernel);

  test("linear layers that the fit never saw are within 4 % (median), by the roofline within 20 %", () => {
    expect(heldOutError(linear)).toBeLessThan(4);
    const bound = rowPredictor(h100);
    expect(median(linear.map((row) => Math.abs(bound(row, "rows").seconds / row.seconds - 1)))).toBeGreaterThan(0.15);
  });

  test("attention that the fit never saw is within 9 % (median) for each of three kernels, by the roofline within 24 %", () => {
    for (const kernel of ["triton", "sdpa_flash", "sdpa_cudnn"]) {
      expect(heldOutError(ofKernel(kernel))).toBeLessThan(9);
    }
    const bound = rowPredictor(h100);
    expect(median(attention.map((row) => Math.abs(bound(row, "rows").seconds / row.seconds - 1)))).toBeGreaterThan(0.2);
  });

  test("start at 3 to 8 µs, reach 85 to 98 % of the bandwidth, and determine both", () => {
    for (const rows of [linear, ofKernel("triton"), ofKernel("sdpa_flash"), ofKernel("sdpa_cudnn")]) {
      for (const { fit, determined } of fitKernels(rows, h100).families) {
        expect(fit.startSeconds).toBeGreaterThan(3e-6);
        expect(fit.startSeconds).toBeLessThan(8e-6);
        expect(fit.bandwidthEfficiency).toBeGreaterThan(0.85);
        expect(fit.bandwidthEfficiency).toBeLessThan(0.99);
        expect(determined).toContain("startSeconds");
        expect(determined).toContain("bandwidthEfficiency");
      }
    }
  });

  test("fit one family for each kernel of its own", () => {
    const names = fitKernels([...linear, ...ofKernel("triton")], h100).families.map(({ family }) => family);
    expect(names.sort()).toEqual([
      "attention, one query a K/V head, bf16",
      "attention, shared K/V heads, bf16",
      "linear, one row, bf16",
      "linear, several rows, bf16",
    ]);
  });

  test("whole steps are no kernels: they give no samples", () => {
    expect(kernelSamples(steps, h100)).toEqual([]);
    expect(fitKernels(steps, h100).families).toEqual([]);
  });
});

describe("the parts of a split", () => {
  const rows = [...linear, ...attention];

  test("hold every row once, a third of them held out, whatever the times", () => {
    const { fitted, heldOut } = splitRows(rows, h100);
    expect(new Set([...fitted, ...heldOut]).size).toBe(rows.length);
    expect(fitted.length + heldOut.length).toBe(rows.length);
    expect(heldOut.length / rows.length).toBeGreaterThan(0.25);
    expect(heldOut.length / rows.length).toBeLessThan(0.35);
    const slower = splitRows(
      rows.map((row) => ({ ...row, seconds: 2 * row.seconds })),
      h100,
    );
    expect(slower.heldOut.map((row) => row.line)).toEqual(heldOut.map((row) => row.line));
  });

  test("never share a shape, even where a table has it twice", () => {
    const { fitted, heldOut } = splitRows([...rows, ...rows], h100);
    const shape = (row: MeasurementRow) => JSON.stringify({ ...row, line: 0 });
    const seen = new Set(fitted.map(shape));
    expect(heldOut.filter((row) => seen.has(shape(row)))).toEqual([]);
    expect(heldOut.length).toBeGreaterThan(0);
  });
});

describe("small kernels", () => {
  const text = ["normalization", "residual"].flatMap((op, i) =>
    [1024, 4096, 65536, 1048576].map((features) => `${op},1,${features},fp32,${(1 + i) * 3 + features / 1e4}`),
  );
  const rows = readMeasurementTable(`op,rows,features,dtype,time_us\n${text.join("\n")}\n`, "small.csv").rows;

  test("are fitted kind by kind, and together for the kinds that were not measured", () => {
    const { families, fits } = fitKernels(rows, h100);
    expect(families.map(({ family }) => family).sort()).toEqual(["elementwise", "normalization", "residual"]);
    const start = (family: string) => fits.get(family)?.startSeconds ?? 0;
    expect(start("normalization")).toBeGreaterThan(2.5e-6);
    expect(start("normalization")).toBeLessThan(3.5e-6);
    expect(start("residual")).toBeGreaterThan(5.5e-6);
    expect(start("elementwise")).toBeGreaterThan(2.5e-6);
    expect(start("elementwise")).toBeLessThan(6.6e-6);
  });
});
