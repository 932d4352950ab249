import { describe, expect, test } from "vitest";
import type { MqaSpeedup } from "../../src/validation/mqa-speedup.ts";
import { allMet, type JudgedRows, verdictOf } from "../../src/validation/verdict.ts";

const kinds = (medians: Record<string, readonly [median: number, largest: number]>) => ({
  kinds: Object.fromEntries(
    Object.entries(medians).map(([kind, [medianAbsolutePercentageError, maxAbsolutePercentageError]]) => {
      return [kind, { medianAbsolutePercentageError, maxAbsolutePercentageError }];
    }),
  ),
});
const pair = (errorPercent: number) => ({ errorPercent }) as MqaSpeedup;

function judged(change: Partial<Record<keyof JudgedRows, unknown>> = {}): JudgedRows {
  return {
    kernels: { calibrated: kinds({ attention: [5, 15], linear: [6, 12] }) },
    steps: { calibrated: kinds({ steps: [4, 15] }), roofline: kinds({ steps: [40, 50] }) },
    kernelSpeedups: [pair(-2), pair(3), pair(30)],
    stepSpeedups: [pair(1), pair(-23), pair(-7)],
    ...change,
  } as JudgedRows;
}

describe("the verdict", () => {
  test("holds speed-ups by their median, with the largest beside it and no limit on that", () => {
    const lines = verdictOf(judged());
    expect(allMet(lines)).toBe(true);
    const speedups = lines.filter((line) => line.claim.startsWith("speed-up"));
    expect(speedups.map(({ value, largest, limit }) => [value, largest, limit])).toEqual([
      [3, 30, 10],
      [7, 23, 8],
    ]);
  });

  test("meets each limit at the limit and misses it beyond", () => {
    const passed = (error: number) => {
      const steps = { calibrated: kinds({ steps: [error, 2.5 * error] }), roofline: kinds({ steps: [40, 50] }) };
      const pairs = { kernelSpeedups: [pair(error)], stepSpeedups: [pair(-error)] };
      const kernels = { calibrated: kinds({ attention: [error, 50], linear: [error, 50] }) };
      return verdictOf(judged({ steps, kernels, ...pairs })).map((line) => line.passed);
    };
    expect(passed(8)).toEqual([true, true, true, true, true, true, true]);
    expect(passed(8.01)).toEqual([false, false, true, true, true, true, false]);
    expect(passed(10.01)).toEqual([false, false, true, false, false, false, false]);
  });

  test("is missed by a fit that errs more than three quarters as much as the plain roofline", () => {
    const steps = { calibrated: kinds({ steps: [7.9, 15] }), roofline: kinds({ steps: [10, 50] }) };
    const lines = verdictOf(judged({ steps }));
    expect(lines.filter((line) => line.passed !== true).map((line) => line.claim)).toEqual([
      "whole steps, median error as a share of the roofline's",
    ]);
    expect(lines[2]?.value).toBeCloseTo(79, 9);
  });

  test("does not judge a claim that it has no rows for, and then not all is met", () => {
    const none = judged({
      ...{ kernelSpeedups: [], stepSpeedups: [], kernels: { calibrated: kinds({}) } },
      steps: { calibrated: kinds({}), roofline: kinds({}) },
    });
    const lines = verdictOf(none);
    expect(lines.map(({ value, passed }) => [value, passed])).toEqual(Array.from({ length: 7 }, () => [null, null]));
    expect(allMet(lines)).toBe(false);
    expect(allMet(verdictOf(judged({ kernelSpeedups: [] })))).toBe(false);
  });
});
