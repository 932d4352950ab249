import { describe, expect, it } from "vitest";
import { normalShareBelow } from "../../src/quantity/normal-distribution.ts";
import { seededRandom } from "../../src/quantity/seeded-random.ts";
import { type ArrivalProcess, arrivalProcess, type DrawnRequests, drawnRequests } from "../../src/serving/arrivals.ts";
import type { LengthDistribution } from "../../src/serving/length-distribution.ts";
import { fixedLength } from "../../src/serving/length-distribution.ts";
import { parseLengths } from "../../src/serving/parse-lengths.ts";

const requestsOf = (change: Partial<DrawnRequests> & { seed?: number }) => {
  const { seed = 7, ...rest } = change;
  const stream = drawnRequests({
    arrivals: arrivalProcess(8),
    input: fixedLength(1000),
    output: fixedLength(300),
    random: seededRandom(seed),
    ...rest,
  });
  const request = { arrivalSeconds: 0, inputTokens: 0, outputTokens: 0 };
  const found: { arrivalSeconds: number; inputTokens: number; outputTokens: number }[] = [];
  while (stream.next(request)) found.push({ ...request });
  expect(stream.next(request)).toBe(false);
  return found;
};

const count = 200_000;
function gapsOf(arrivals: ArrivalProcess): number[] {
  const times = requestsOf({ arrivals, count }).map(({ arrivalSeconds }) => arrivalSeconds);
  return times.map((time, i) => time - (times[i - 1] ?? 0));
}

/** The share of gaps below a number of mean gaps, and its standard error. */
function shareBelow(gaps: readonly number[], rate: number, means: number): number {
  return gaps.filter((gap) => gap * rate < means).length / gaps.length;
}

describe("drawnRequests", () => {
  it("of a regular process come every 1/8 s, the first after one gap", () => {
    expect(requestsOf({ arrivals: arrivalProcess(8, 0), count: 3 })).toEqual([
      { arrivalSeconds: 0.125, inputTokens: 1000, outputTokens: 300 },
      { arrivalSeconds: 0.25, inputTokens: 1000, outputTokens: 300 },
      { arrivalSeconds: 0.375, inputTokens: 1000, outputTokens: 300 },
    ]);
  });

  it("end by count or by duration, whichever is first", () => {
    const arrivals = arrivalProcess(10, 0);
    expect(requestsOf({ arrivals, durationSeconds: 1.05 })).toHaveLength(10);
    expect(requestsOf({ arrivals, durationSeconds: 1.05, count: 4 })).toHaveLength(4);
    expect(requestsOf({ arrivals, count: 0 })).toEqual([]);
    expect(() => requestsOf({ arrivals })).toThrow("wants a number of requests, or a duration");
    expect(() => requestsOf({ arrivals, count: Number.NaN })).toThrow("wants a number of requests");
  });

  it.each([
    ["Poisson", 1],
    ["bursts of cv 2", 2],
    ["bursts of cv 4", 4],
    ["gaps of cv 0.5", 0.5],
  ])("of %s have the rate and the cv within 4 standard errors", (_, cv) => {
    const gaps = gapsOf(arrivalProcess(8, cv));
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / count;
    const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / count;
    expect(Math.abs(mean * 8 - 1)).toBeLessThan((4 * cv) / Math.sqrt(count));
    // Of a gamma number of shape k the kurtosis is 3 + 6/k, so a sample's variance has the relative error √((2 + 6 cv²)/n).
    expect(Math.abs(variance / (cv / 8) ** 2 - 1)).toBeLessThan(4 * Math.sqrt((2 + 6 * cv ** 2) / count));
  });

  it.each<[string, number, (means: number) => number]>([
    ["shape 1 (Poisson): 1 − e^(−t)", 1, (t) => 1 - Math.exp(-t)],
    ["shape 2: 1 − e^(−2t)(1 + 2t)", Math.SQRT1_2, (t) => 1 - Math.exp(-2 * t) * (1 + 2 * t)],
    ["shape ½: 2 Φ(√t) − 1", Math.SQRT2, (t) => 2 * normalShareBelow(Math.sqrt(t)) - 1],
  ])("have gaps distributed as the closed form says, %s, within 4 standard errors", (_, cv, below) => {
    const gaps = gapsOf(arrivalProcess(8, cv));
    for (const means of [0.05, 0.3, 1, 2, 3]) {
      const share = below(means);
      expect(Math.abs(shareBelow(gaps, 8, means) - share), String(means)).toBeLessThan(
        4 * Math.sqrt((share * (1 - share)) / count),
      );
    }
  });

  it.each([
    "100..2000",
    "lognormal:1155:1109",
    "lognormal:1155:1109:3000",
    "exponential:300",
    "quantiles:p50=100,p99=900",
  ])("draw %s with its mean and mean square within 4 standard errors", (text) => {
    const lengths: LengthDistribution = parseLengths("input", text);
    const drawn = requestsOf({ input: lengths, count }).map(({ inputTokens }) => inputTokens);
    const mean = drawn.reduce((sum, tokens) => sum + tokens, 0) / count;
    const deviation = Math.sqrt(lengths.meanSquare - lengths.mean ** 2);
    expect(Math.abs(mean - lengths.mean)).toBeLessThan((4 * deviation) / Math.sqrt(count));
    const squares = drawn.reduce((sum, tokens) => sum + tokens ** 2, 0) / count;
    const fourth = drawn.reduce((sum, tokens) => sum + (tokens ** 2 - squares) ** 2, 0) / count;
    expect(Math.abs(squares - lengths.meanSquare)).toBeLessThan(4 * Math.sqrt(fourth / count));
    expect(drawn.every((tokens) => Number.isInteger(tokens) && tokens >= 1 && tokens <= lengths.largest + 0.5)).toBe(
      true,
    );
  });

  it("never draw less than one token", () => {
    const drawn = requestsOf({ output: parseLengths("output", "exponential:1"), count: 1000 });
    expect(Math.min(...drawn.map(({ outputTokens }) => outputTokens))).toBe(1);
  });

  it("keep their arrivals and other lengths when one distribution changes", () => {
    const before = requestsOf({
      input: parseLengths("input", "1..9"),
      output: parseLengths("output", "1..99"),
      count: 50,
    });
    const after = requestsOf({
      input: parseLengths("input", "lognormal:50:20"),
      output: parseLengths("output", "1..99"),
      count: 50,
    });
    expect(after.map(({ arrivalSeconds }) => arrivalSeconds)).toEqual(
      before.map(({ arrivalSeconds }) => arrivalSeconds),
    );
    expect(after.map(({ outputTokens }) => outputTokens)).toEqual(before.map(({ outputTokens }) => outputTokens));
    expect(after.map(({ inputTokens }) => inputTokens)).not.toEqual(before.map(({ inputTokens }) => inputTokens));
  });

  it("are the same for a seed and others for another", () => {
    expect(requestsOf({ count: 20, seed: 3 })).toEqual(requestsOf({ count: 20, seed: 3 }));
    expect(requestsOf({ count: 20, seed: 3 })).not.toEqual(requestsOf({ count: 20, seed: 4 }));
  });
});

describe("arrivalProcess", () => {
  it("is regular at cv 0, Poisson at 1, gamma elsewhere", () => {
    expect(arrivalProcess(2, 0).kind).toBe("regular");
    expect(arrivalProcess(2)).toEqual({ kind: "poisson", requestsPerSecond: 2 });
    expect(arrivalProcess(2, 3)).toEqual({ kind: "bursty", requestsPerSecond: 2, cv: 3 });
  });

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])("refuses the rate %d", (rate) => {
    expect(() => arrivalProcess(rate)).toThrow(/^invalid rate: /);
  });

  it.each([-0.1, 101, Number.NaN])("refuses the burstiness %d", (cv) => {
    expect(() => arrivalProcess(1, cv)).toThrow(/^invalid burstiness: /);
  });
});
