import { parse, View } from "vega";
import { describe, expect, test } from "vitest";
import {
  type AxisQuantity,
  logDomain,
  logTicks,
  thinned,
  tokensLabelExpr,
  tokensText,
  unitLabelExpr,
  unitNames,
  unitText,
} from "../../src/charts/axis-units.ts";

/** What vega makes of a label expression. */
function labelled(expression: string, value: number): unknown {
  const update = expression.replaceAll("datum.value", "tick");
  const spec = {
    signals: [
      { name: "tick", value },
      { name: "label", update },
    ],
  };
  return new View(parse(spec as never), { renderer: "none" }).run().signal("label");
}

test("units are powers of 1000, to three digits", () => {
  expect(unitText("bytes", 13.2e9)).toBe("13.2 GB");
  expect(unitText("bytes", 85_017_493_504)).toBe("85 GB");
  expect(unitText("bytes", 999_999)).toBe("1 MB");
  expect(unitText("bytes", 512)).toBe("512 B");
  expect(unitText("bytesPerSecond", 3.35e12)).toBe("3.35 TB/s");
  expect(unitText("flopsPerSecond", 989e12)).toBe("989 TFLOP/s");
  expect(unitText("seconds", 0.004)).toBe("4 ms");
  expect(unitText("seconds", 1.4e-6)).toBe("1.4 µs");
});

test("contexts are written in k of 1024, other numbers of tokens in full", () => {
  expect(tokensText(1024)).toBe("1k");
  expect(tokensText(131072)).toBe("128k");
  expect(tokensText(1048576)).toBe("1M");
  expect(tokensText(1000)).toBe("1,000");
  expect(tokensText(128000)).toBe("128,000");
  expect(tokensText(512)).toBe("512");
});

describe("an axis label reads as the same value does in a text", () => {
  const values: Record<Exclude<AxisQuantity, "plain">, readonly number[]> = {
    bytes: [1, 500, 1e3, 2e6, 1e9, 1.6e10, 5e11, 1e12, 1e15],
    bytesPerSecond: [1e9, 3.35e12],
    flopsPerSecond: [1e6, 1e9, 3e11, 1e12, 1e15, 2e18],
    seconds: [1e-9, 1e-6, 3e-6, 1e-3, 0.02, 1, 50],
  };
  test.each(Object.entries(values))("%s", (quantity, list) => {
    for (const value of list) {
      expect(labelled(unitLabelExpr(quantity as AxisQuantity), value)).toBe(unitText(quantity as AxisQuantity, value));
    }
  });
  test("tokens", () => {
    for (const value of [1, 512, 1000, 1024, 4096, 128000, 131072, 1048576]) {
      expect(labelled(tokensLabelExpr, value)).toBe(tokensText(value));
    }
  });
});

test("logarithmic ticks are decades over many decades, with 2 and 5 or 3 over few", () => {
  expect(logTicks(0.002, 0.3)).toEqual([0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2]);
  expect(logTicks(1, 1e3)).toEqual([1, 3, 10, 30, 100, 300, 1000]);
  expect(logTicks(1e9, 1e15)).toEqual([1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15]);
});

test("a domain holds its values and ends on 1, 2 or 5", () => {
  expect(logDomain([0.0034, 0.169])).toEqual([0.002, 0.2]);
  expect(logDomain([1])).toEqual([0.5, 2]);
});

test("thinning keeps the largest value and at most as many as asked for", () => {
  expect(thinned([1, 2, 4, 8, 16], 3)).toEqual([1, 4, 16]);
  expect(thinned([8, 8, 4], 12)).toEqual([4, 8]);
});

test("the units of an axis title are those that its ticks show", () => {
  expect(unitNames("bytes", [0, 5e8, 1e9, 2e9])).toBe("MB, GB");
  expect(unitNames("seconds", [1e-6, 1e-3])).toBe("µs, ms");
});
