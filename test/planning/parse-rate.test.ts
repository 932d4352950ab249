import { describe, expect, it } from "vitest";
import { parseRate } from "../../src/planning/parse-rate.ts";

describe("parseRate", () => {
  it.each<[number | string, number]>([
    ["8/s", 8],
    ["8", 8],
    [8, 8],
    [0.25, 0.25],
    [1e-7, 1e-7],
    ["500/min", 500 / 60],
    ["2/h", 2 / 3600],
    [" 1_000 / min ", 1000 / 60],
    ["8 req/s", 8],
    ["8 requests / s", 8],
    ["1e3/d", 1000 / 86_400],
    [".5/sec", 0.5],
  ])("reads %j as %d a second", (text, rate) => {
    expect(parseRate("rate", text)).toBeCloseTo(rate, 14);
  });

  it("takes 10^9 a second and refuses more", () => {
    expect(parseRate("rate", "1e9/s")).toBe(1e9);
    expect(parseRate("rate", "6e10/min")).toBe(1e9);
    for (const text of ["1.001e9", 1e300, "1e300/s", "6.1e10/min"]) {
      expect(() => parseRate("rate", text)).toThrow(/^invalid rate: .* \(wants at most 1e9 requests\/s\)$/);
    }
  });

  it.each([
    0,
    "0",
    "0/s",
    -1,
    "-8/s",
    "NaN",
    Number.NaN,
    "1e400",
    "1e400/h",
    Number.POSITIVE_INFINITY,
    "",
    "fast",
    "8/week",
    "8/s/s",
    "8/",
    "/s",
    "8 tokens/s",
    "8/constructor",
    "8 per s",
  ])("refuses %j", (text) => {
    expect(() => parseRate("rate", text)).toThrow(
      /^invalid rate: .* \(wants a rate above 0 such as "8\/s", "500\/min" or "2\/h"\)$/,
    );
  });
});
