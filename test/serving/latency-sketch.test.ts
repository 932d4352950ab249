import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nearestRank } from "../../src/quantity/sample-statistics.ts";
import { type LatencyDistribution, LatencySketch } from "../../src/serving/latency-sketch.ts";

function of(values: readonly number[]): LatencyDistribution {
  const sketch = new LatencySketch();
  for (const value of values) sketch.add(value);
  return sketch.distribution();
}

describe("a sketch of times", () => {
  test("of 1 … 100 s has their mean, least and most exactly and percentiles within half a per cent", () => {
    const times = of(Array.from({ length: 100 }, (_, i) => i + 1));
    expect(times).toMatchObject({ count: 100, mean: 50.5, max: 100 });
    expect(times.quantile(0)).toBe(1);
    expect(times.quantile(1)).toBe(100);
    for (const [figure, exact] of [
      [times.p50, 50],
      [times.p90, 90],
      [times.p95, 95],
      [times.p99, 99],
    ] as const) {
      expect(Math.abs(figure / exact - 1)).toBeLessThanOrEqual(0.005);
    }
    expect(times.shareWithin(50.5)).toBeCloseTo(0.5, 1);
  });

  test("of one time says that time everywhere, and is within a limit of just that time", () => {
    const times = of([0.3, 0.3, 0.3]);
    for (const figure of [times.p50, times.p99, times.max, times.quantile(0.001)]) expect(figure).toBe(0.3);
    expect(times.mean).toBeCloseTo(0.3, 15);
    expect(times.shareWithin(0.3)).toBe(1);
    expect(times.shareWithin(0.2999)).toBe(0);
  });

  test("of none is 0 throughout", () => {
    const times = of([]);
    expect([times.count, times.mean, times.p50, times.max, times.quantile(0.3), times.shareWithin(1)]).toEqual(
      new Array(6).fill(0),
    );
  });

  test("takes 0, a nanosecond and a thousand years", () => {
    const times = of([0, 0, 1e-9, 3e10]);
    expect(times.p50).toBeLessThanOrEqual(1e-9);
    expect(times.max).toBe(3e10);
    expect(times.shareWithin(1)).toBe(0.75);
  });

  test("keeps any percentile within half a per cent of the nearest rank, and shares rise from 0 to 1", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 1e-8, max: 1e8, noNaN: true }), { minLength: 1, maxLength: 300 }),
        fc.double({ min: 0.001, max: 1, noNaN: true }),
        (values, share) => {
          const times = of(values);
          const exact = nearestRank(values, share);
          expect(Math.abs(times.quantile(share) / exact - 1)).toBeLessThanOrEqual(0.005 + 1e-9);
          // Within the bin of the limit the share is a guess, but never one that whole neighbours contradict.
          const within = times.shareWithin(exact);
          expect(within).toBeGreaterThanOrEqual(values.filter((value) => value < exact * 0.989).length / values.length);
          expect(within).toBeLessThanOrEqual(values.filter((value) => value <= exact * 1.011).length / values.length);
          expect(times.shareWithin(exact * 2)).toBeGreaterThanOrEqual(within);
        },
      ),
      { seed: 5 },
    );
  });
});
