import { describe, expect, it } from "vitest";
import { lengthsOf, parseLengths } from "../../src/serving/parse-lengths.ts";

describe("parseLengths", () => {
  it.each([
    ["1000", "1000 tokens"],
    [" 1_000 ", "1000 tokens"],
    ["100..2000", "uniform, 100 to 2000 tokens"],
    ["lognormal:1155:1109", "lognormal, mean 1155, deviation 1109"],
    ["lognormal:1155:1109:14000", "lognormal, mean 1155, deviation 1109, at most 14000"],
    ["exponential:300", "exponential, mean 300"],
    ["exponential: 300 : 4000", "exponential, mean 300, at most 4000"],
    [
      "quantiles:p1=17,p50=1469,p90=5188,p99=7436,max=7437",
      "quantiles p1 17, p50 1469, p90 5188, p99 7436, at most 7437",
    ],
    ["quantiles:p99.9=300, min=5", "quantiles p99.9 300, at most 300.295"],
  ])("reads %s", (text, read) => {
    expect(parseLengths("input", text).text).toBe(read);
  });

  it.each([
    "",
    "long",
    "1000 tokens",
    "1..2..3",
    "..5",
    "lognormal",
    "lognormal:5",
    "lognormal:5:6:7:8",
    "normal:5:6",
    "exponential:",
    "exponential:1:2:3",
    "quantiles:",
    "quantiles:p50",
    "quantiles:p50=a",
    "quantiles:p50=1=2",
    "NaN",
  ])("says what it wants of %j", (text) => {
    expect(() => parseLengths("input", text)).toThrow(/^invalid input: .*\(wants tokens such as "1000"/);
  });

  it.each([
    ["0", "invalid input: 0 (wants at least 1 token"],
    ["-4", "invalid input: -4 (wants at least 1 token"],
    ["1e400", "invalid input: a number too large (wants at least 1 token"],
    ["0..5", "invalid input.from: 0 "],
    ["lognormal:0:5", "invalid input.mean: 0 "],
    ["quantiles:p50=5,p50=6", "invalid input: quantiles:p50=5,p50=6 (wants each quantile once)"],
    ["quantiles:q50=5", "invalid input.q50: 5 (wants names such as"],
  ])("refuses the lengths of %s", (text, message) => {
    expect(() => parseLengths("input", text)).toThrow(message);
  });
});

describe("lengthsOf", () => {
  it("reads a file's objects as the command line's texts", () => {
    const same = [
      [{ lognormal: { mean: 1155, deviation: 1109, largest: 14000 } }, "lognormal:1155:1109:14000"],
      [{ uniform: { from: 100, to: 2000 } }, "100..2000"],
      [{ exponential: { mean: 300 } }, "exponential:300"],
      [{ quantiles: { p50: 800, max: 8000 } }, "quantiles:p50=800,max=8000"],
      [1000, "1000"],
      ["1000", "1000"],
    ] as const;
    for (const [spec, text] of same) {
      const { quantile, ...read } = lengthsOf("input", spec);
      const { quantile: typed, ...expected } = parseLengths("input", text);
      expect(read).toEqual(expected);
      expect(quantile(0.3)).toBe(typed(0.3));
    }
  });

  it("names the member that is wrong, and refuses none and two kinds", () => {
    expect(() => lengthsOf("workload.input", { uniform: { from: 5, to: 3 } })).toThrow(
      "invalid workload.input.uniform.to: 3",
    );
    expect(() => lengthsOf("input", {})).toThrow("wants one of lognormal, uniform, exponential and quantiles");
    expect(() => lengthsOf("input", { uniform: { from: 1, to: 3 }, exponential: { mean: 5 } })).toThrow("wants one of");
  });
});
