import { describe, expect, test } from "vitest";
import {
  type AccuracyLine,
  type AccuracyTarget,
  nearerFormulas,
  targetResults,
} from "../../../src/validation/accuracy/accuracy-line.ts";
import { accuracyLine } from "../../fixtures/accuracy-lines.ts";

const reached = (target: AccuracyTarget, rest: Partial<AccuracyLine> = {}) =>
  targetResults(accuracyLine({ target, ...rest })).map(({ name, isReached }) => [name, isReached]);

describe("targets", () => {
  test("are upper limits, reached where the figure is the limit itself", () => {
    expect(targetResults(accuracyLine({ target: { median: 2 } }))).toEqual([
      { name: "median", wanted: "≤ 2 %", reached: 2, isReached: true },
    ]);
    expect(reached({ median: 1.9 })).toEqual([["median", false]]);
    expect(reached({ maximum: 7, percentile95: 5.9 })).toEqual([
      ["percentile95", false],
      ["maximum", true],
    ]);
  });

  test("of coverage are a range with both its ends", () => {
    expect(reached({ coverage: [85, 95] })).toEqual([["coverage", true]]);
    expect(reached({ coverage: [90, 95] })).toEqual([["coverage", true]]);
    expect(reached({ coverage: [90.1, 95] })).toEqual([["coverage", false]]);
    expect(reached({ coverage: [80, 89.9] })).toEqual([["coverage", false]]);
  });

  test("of figures that a line does not have are left out", () => {
    const { coverage90: _, ...errors } = accuracyLine().errors;
    expect(reached({ coverage: [85, 95], percentile90: 20, halfWidth: 6 }, { errors })).toEqual([["halfWidth", true]]);
    expect(reached({ percentile90: 20 }, { percentile90: 20.1 })).toEqual([["percentile90", false]]);
  });
});

test("a simpler formula is nearer where its median is smaller, not where it is equal or has none", () => {
  const simple = { roofline: 30, "80 % + 3 µs": 2, "one affine fit": 1.9 };
  expect(nearerFormulas(accuracyLine({ simple }))).toEqual(["one affine fit"]);
  expect(nearerFormulas(accuracyLine({ simple: { ...simple, "one affine fit": null } }))).toEqual([]);
  expect(nearerFormulas(accuracyLine({ simple: null }))).toEqual([]);
});
