import { describe, expect, test } from "vitest";
import { curveGroups, kneeOf, knees } from "../../../src/validation/plans/concurrency-curves.ts";
import type { PlannedRun } from "../../../src/validation/plans/planned-runs.ts";
import { plannedRun } from "../../fixtures/planned-runs.ts";

const times = (firstTokenSeconds: number, outputTokenSeconds: number) => ({ firstTokenSeconds, outputTokenSeconds });

test("the knee of 10, 20, 38, 44, 45 is the third, of which 36 are 80 % of the most; of equal ones the first", () => {
  expect(kneeOf([10, 20, 38, 44, 45])).toBe(2);
  expect(kneeOf([10, 20, 35.9, 44, 45])).toBe(3);
  expect(kneeOf([5, 5])).toBe(0);
});

describe("groups of runs", () => {
  const runs: PlannedRun[] = [
    plannedRun({ tensorParallel: 2 }, times(0.1, 0.01), times(0.1, 0.011)),
    plannedRun({ tensorParallel: 1 }, times(0.1, 0.01), times(0.12, 0.01)),
    plannedRun({ tensorParallel: 1 }, times(0.1, 0.01), times(0.09, 0.01)),
    plannedRun({ tensorParallel: 1, engine: "trt-llm" }, times(0.1, 0.01), times(0.1, 0.01)),
  ];
  const groups = curveGroups(runs);

  test("are of one engine, model and number of devices, fewest devices first", () => {
    expect(groups.map(({ engine, tensorParallel, runs: own }) => [engine, tensorParallel, own.length])).toEqual([
      ["vllm", 1, 2],
      ["vllm", 2, 1],
      ["trt-llm", 1, 1],
    ]);
  });

  test("have the errors of each figure: 20 and −10 % of first tokens, 10 % of the others", () => {
    const [one, two] = groups;
    expect(one!.closed.firstToken.medianAbsolutePercentageError).toBeCloseTo(15, 6);
    expect(one!.closed.outputToken.maxAbsolutePercentageError).toBeCloseTo(0, 9);
    expect(two!.closed.outputToken.bias).toBeCloseTo(10, 6);
    // 0.1 + 199 × 0.01 = 2.09 s measured, 2.289 s predicted.
    expect(two!.closed.throughput.bias).toBeCloseTo(100 * (2.09 / 2.289 - 1), 6);
  });
});

describe("knees of curves", () => {
  // With 200 tokens: throughputs 4 : 8 : 9 measured, 4 : 8 : 12 predicted.
  const at = (concurrency: number, measured: number, predicted: number): PlannedRun =>
    plannedRun({ concurrency }, times(0, measured), times(0, predicted));
  const curve = [at(16, 0.016 / 0.9, 0.016), at(4, 0.01, 0.01), at(8, 0.01, 0.01)];

  test("are places on the run's own grid, whatever order the runs stand in", () => {
    const [knee] = knees(curve);
    expect(knee?.grid).toEqual([4, 8, 16]);
    expect([knee?.measured, knee?.closed, knee?.simulated]).toEqual([1, 1, 1]);
    const [later] = knees([at(16, 0.016 / 0.9, 0.012), ...curve.slice(1)]);
    expect([later?.measured, later?.closed]).toEqual([1, 2]);
  });

  test("want three concurrencies", () => {
    expect(knees(curve.slice(0, 2))).toEqual([]);
  });
});
