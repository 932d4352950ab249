import { expect, test } from "vitest";
import { readMeasurementTable } from "../../../src/measurement/measurement-table.ts";
import { rowCeilings } from "../../../src/validation/accuracy/operation-ceilings.ts";
import type { PredictableRow } from "../../../src/validation/predict-row.ts";
import { h100Tables } from "../../fixtures/measurements.ts";
import { hardwareProfile } from "../../fixtures/profiles.ts";

const h100 = hardwareProfile("h100-sxm");

test("a matrix of 8192 × 8192 in bf16: 134 MB at 3.35 TB/s, and its FLOPs at 989 TFLOP/s", () => {
  const text = "dtype,m,k,n,time_us\nbf16,1,8192,8192,50\nbf16,4096,8192,8192,900\n";
  const { rows } = readMeasurementTable(text, "linear.csv");
  const [one, many] = rows.map((row) => rowCeilings(h100)(row as PredictableRow, "linear.csv"));
  expect(one?.operations).toHaveLength(1);
  const bytes = 2 * (8192 * 8192 + 2 * 8192);
  expect(one?.operations[0]?.memorySeconds).toBeCloseTo(bytes / 3.35e12, 9);
  expect(one?.operations[0]?.computeSeconds).toBeCloseTo((2 * 8192 * 8192) / 989e12, 9);
  // Its roofline is the longer of both.
  expect(one?.prediction.seconds).toBe(one?.operations[0]?.memorySeconds);
  expect(many?.prediction.seconds).toBe(many?.operations[0]?.computeSeconds);
});

test("a step's operations make up its roofline, each instance a kernel", () => {
  const steps = h100Tables.find(({ rows }) => rows[0]?.kind === "steps")!;
  const row = steps.rows[0] as PredictableRow;
  const { operations, prediction } = rowCeilings(h100)(row, steps.name);
  const sum = operations.reduce((all, each) => all + Math.max(each.memorySeconds, each.computeSeconds), 0);
  expect(sum / prediction.seconds).toBeCloseTo(1, 9);
  expect(operations.reduce((all, { kernels }) => all + kernels, 0)).toBe(prediction.operations);
});
