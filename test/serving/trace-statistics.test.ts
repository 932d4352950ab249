import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../src/quantity/seeded-random.ts";
import { arrivalProcess, drawnRequests } from "../../src/serving/arrivals.ts";
import { parseLengths } from "../../src/serving/parse-lengths.ts";
import type { RequestTrace } from "../../src/serving/request-trace.ts";
import { empiricalLengths, traceStatistics } from "../../src/serving/trace-statistics.ts";

function traceOf(arrivals: number[], input = arrivals.map(() => 10), output = arrivals.map(() => 1)): RequestTrace {
  return {
    name: "t.csv",
    arrivalSeconds: Float64Array.from(arrivals),
    inputTokens: Uint32Array.from(input),
    outputTokens: Uint32Array.from(output),
  };
}

describe("traceStatistics", () => {
  it("of arrivals at 0, 1 and 3 s are 2/3 a second with a cv of 1/3", () => {
    const found = traceStatistics(traceOf([0, 1, 3], [10, 20, 30], [3, 2, 1]));
    expect(found).toMatchObject({ count: 3, spanSeconds: 3, lengthCorrelation: -1 });
    expect(found.requestsPerSecond).toBeCloseTo(2 / 3, 12);
    expect(found.burstiness).toBeCloseTo(1 / 3, 12);
    expect(found.input.mean).toBe(20);
    expect(found.output.meanSquare).toBeCloseTo(14 / 3, 12);
  });

  it("find the second and the minute with most arrivals wherever they begin", () => {
    // Three within 0.9 s around 10 s; a window of exactly a second does not hold both of its ends.
    const found = traceStatistics(traceOf([0, 9.6, 10, 10.5, 20, 21, 100]));
    expect(found.peakRequestsPerSecond).toEqual({ inOneSecond: 3, inOneMinute: 6 / 60 });
    expect(traceStatistics(traceOf([0, 1])).peakRequestsPerSecond).toEqual({ inOneSecond: 1, inOneMinute: null });
  });

  it("are null where there is nothing to divide by", () => {
    const none = { requestsPerSecond: null, burstiness: null, lengthCorrelation: null };
    expect(traceStatistics(traceOf([0]))).toMatchObject({ count: 1, spanSeconds: 0, ...none });
    expect(traceStatistics(traceOf([5, 5, 5]))).toMatchObject({ count: 3, spanSeconds: 0, ...none });
    expect(traceStatistics(traceOf([0, 2]))).toMatchObject({ requestsPerSecond: 0.5, burstiness: null });
  });

  it("of 100,000 drawn requests give back rate, cv, lengths and no correlation, within 4 standard errors", () => {
    const count = 100_000;
    const [arrivals, input, output] = [
      arrivalProcess(5, 2),
      parseLengths("i", "lognormal:500:400"),
      parseLengths("o", "exponential:80"),
    ];
    const stream = drawnRequests({ arrivals, input, output, count, random: seededRandom(11) });
    const request = { arrivalSeconds: 0, inputTokens: 0, outputTokens: 0 };
    const rows: number[][] = [];
    while (stream.next(request)) rows.push([request.arrivalSeconds, request.inputTokens, request.outputTokens]);
    const column = (place: number): number[] => rows.map((row) => row[place]!);
    const found = traceStatistics(traceOf(column(0), column(1), column(2)));
    const error = 4 / Math.sqrt(count);
    expect(Math.abs(found.requestsPerSecond! / 5 - 1)).toBeLessThan(2 * error);
    expect(Math.abs(found.burstiness! / 2 - 1)).toBeLessThan(0.5 * error * Math.sqrt(2 + 6 * 4));
    expect(Math.abs(found.input.mean / input.mean - 1)).toBeLessThan(0.8 * error);
    expect(Math.abs(found.output.mean / output.mean - 1)).toBeLessThan(error);
    expect(Math.abs(found.lengthCorrelation!)).toBeLessThan(error);
  });
});

describe("empiricalLengths", () => {
  it("have the nearest rank: of 10, 20, 30 and 40 the median is 20, and above it 30", () => {
    const lengths = empiricalLengths(Uint32Array.of(40, 10, 30, 20));
    expect([0.01, 0.25, 0.26, 0.5, 0.51, 0.99].map((share) => lengths.quantile(share))).toEqual([
      10, 10, 20, 20, 30, 40,
    ]);
    expect(lengths).toMatchObject({ mean: 25, meanSquare: 750, smallest: 10, largest: 40, isFixed: false });
    expect(lengths.text).toBe("4 recorded lengths, mean 25, at most 40");
  });

  it("have the mean and mean square of their quantiles, and leave what they were made of as it was", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 1e6 }), { minLength: 1, maxLength: 40 }), (tokens) => {
        const given = Uint32Array.from(tokens);
        const lengths = empiricalLengths(given);
        expect([...given]).toEqual(tokens);
        const drawn = tokens.map((_, i) => lengths.quantile((i + 0.5) / tokens.length));
        const mean = drawn.reduce((sum, length) => sum + length, 0) / tokens.length;
        const meanSquare = drawn.reduce((sum, length) => sum + length ** 2, 0) / tokens.length;
        expect(Math.abs(mean / lengths.mean - 1)).toBeLessThan(1e-12);
        expect(Math.abs(meanSquare / lengths.meanSquare - 1)).toBeLessThan(1e-12);
      }),
    );
  });
});
