import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  exponentialLengths,
  fixedLength,
  type LengthDistribution,
  lognormalLengths,
  quantileLengths,
  uniformLengths,
} from "../../src/serving/length-distribution.ts";

describe("length distributions", () => {
  it("of one length have it everywhere", () => {
    const lengths = fixedLength(1000);
    expect(lengths).toMatchObject({ text: "1000 tokens", mean: 1000, meanSquare: 1e6, smallest: 1000, largest: 1000 });
    expect([lengths.isFixed, lengths.quantile(0.01), lengths.quantile(0.99)]).toEqual([true, 1000, 1000]);
    expect(fixedLength(1).text).toBe("1 token");
  });

  it("from 100 to 300 average 200, their squares 43,333", () => {
    const lengths = uniformLengths(100, 300);
    expect(lengths.mean).toBe(200);
    expect(lengths.meanSquare).toBeCloseTo(130_000 / 3, 9);
    expect(lengths.quantile(0.25)).toBe(150);
    expect(lengths).toMatchObject({ text: "uniform, 100 to 300 tokens", smallest: 100, largest: 300, isFixed: false });
    expect(uniformLengths(7, 7)).toMatchObject({ isFixed: true, mean: 7, meanSquare: 49 });
  });

  it("of an exponential's mean 300 have the median 300 ln 2", () => {
    const lengths = exponentialLengths({ mean: 300 });
    expect(lengths.quantile(0.5)).toBeCloseTo(300 * Math.LN2, 9);
    // Lengths below 1 count as 1, which adds 1/600 to the mean.
    expect(lengths.mean).toBeCloseTo(300 + 1 / 600, 4);
    expect(lengths.text).toBe("exponential, mean 300");
  });

  it("of a lognormal have the mean and the deviation asked for, to 1e-6 where nothing is cut", () => {
    const lengths = lognormalLengths({ mean: 1155, deviation: 1109 });
    expect(lengths.mean / 1155 - 1).toBeCloseTo(0, 6);
    expect(Math.sqrt(lengths.meanSquare - lengths.mean ** 2) / 1109 - 1).toBeCloseTo(0, 5);
    // The median is m / √(1 + d²/m²).
    expect(lengths.quantile(0.5)).toBeCloseTo(1155 / Math.sqrt(1 + (1109 / 1155) ** 2), 6);
    expect(lengths.text).toBe("lognormal, mean 1155, deviation 1109");
    expect(Number.isFinite(lengths.largest)).toBe(true);
  });

  it("are cut at the largest, which lowers the mean", () => {
    const whole = lognormalLengths({ mean: 1000, deviation: 1000 });
    const cut = lognormalLengths({ mean: 1000, deviation: 1000, largest: 1500 });
    expect([cut.largest, cut.quantile(0.999)]).toEqual([1500, 1500]);
    expect(cut.mean).toBeLessThan(whole.mean);
    expect(cut.text).toBe("lognormal, mean 1000, deviation 1000, at most 1500");
    expect(exponentialLengths({ mean: 300, largest: 1 })).toMatchObject({ isFixed: true, mean: 1, meanSquare: 1 });
  });

  it("of p50 100 and max 300 average 125.25: two straight lines from 1", () => {
    const lengths = quantileLengths({ p50: 100, max: 300 });
    expect(lengths.mean).toBeCloseTo(125.25, 12);
    expect([lengths.quantile(0.5), lengths.quantile(0.75)]).toEqual([100, 200]);
    expect(lengths.text).toBe("quantiles p50 100, at most 300");
  });

  it("continue the line of the last two quantiles where no max is given, and begin at 1 where no min is", () => {
    const lengths = quantileLengths({ p90: 500, p50: 100 });
    expect([lengths.smallest, lengths.largest]).toEqual([1, 600]);
    expect(quantileLengths({ p50: 100, min: 100, max: 100 })).toMatchObject({ isFixed: true, mean: 100 });
  });

  it("of Azure's 2023 code trace by 15 quantiles have its mean of 2047.8 and its deviation of 1973.8 within 2 %", () => {
    const lengths = quantileLengths({
      min: 3,
      p1: 17,
      p5: 75,
      p10: 147,
      p20: 385.6,
      p25: 578,
      p30: 770,
      p40: 1075,
      p50: 1469,
      p60: 1909,
      p70: 2433,
      p75: 2744.5,
      p80: 3192.4,
      p90: 5187.6,
      p95: 7303.3,
      p99: 7436,
      max: 7437,
    });
    expect(Math.abs(lengths.mean / 2047.8483 - 1)).toBeLessThan(0.02);
    expect(Math.abs(Math.sqrt(lengths.meanSquare - lengths.mean ** 2) / 1973.7654 - 1)).toBeLessThan(0.02);
  });

  const anyLengths: fc.Arbitrary<LengthDistribution> = fc.oneof(
    fc.integer({ min: 1, max: 1e6 }).map((n) => fixedLength(n)),
    fc
      .tuple(fc.integer({ min: 1, max: 1e5 }), fc.integer({ min: 0, max: 1e5 }))
      .map(([from, more]) => uniformLengths(from, from + more)),
    fc
      .tuple(
        fc.double({ min: 1, max: 1e4, noNaN: true }),
        fc.double({ min: 0.05, max: 3, noNaN: true }),
        fc.double({ min: 0.1, max: 10, noNaN: true }),
      )
      .map(([mean, ratio, cut]) =>
        lognormalLengths({ mean, deviation: ratio * mean, largest: Math.max(1, cut * mean) }),
      ),
    fc
      .tuple(fc.double({ min: 1, max: 1e4, noNaN: true }), fc.double({ min: 1, max: 1e5, noNaN: true }))
      .map(([mean, largest]) => exponentialLengths({ mean, largest })),
    fc
      .uniqueArray(fc.integer({ min: 1, max: 1e5 }), { minLength: 3, maxLength: 3 })
      .map((found) => found.sort((a, b) => a - b) as [number, number, number])
      .map(([p10, p50, p99]) => quantileLengths({ p10, p50, p99 })),
  );

  it("have the mean and the mean square of their quantiles, to 0.1 %", () => {
    fc.assert(
      fc.property(anyLengths, (lengths) => {
        const parts = 50_000;
        let mean = 0;
        let meanSquare = 0;
        for (let i = 0; i < parts; i++) {
          const length = lengths.quantile((i + 0.5) / parts);
          mean += length / parts;
          meanSquare += length ** 2 / parts;
        }
        expect(Math.abs(mean / lengths.mean - 1)).toBeLessThan(1e-3);
        expect(Math.abs(meanSquare / lengths.meanSquare - 1)).toBeLessThan(1e-3);
      }),
      { numRuns: 60, seed: 1 },
    );
  });

  it("have quantiles that never fall and stay between smallest and largest", () => {
    fc.assert(
      fc.property(anyLengths, fc.double({ min: 1e-9, max: 1 - 1e-9, noNaN: true }), (lengths, share) => {
        const length = lengths.quantile(share);
        expect(length).toBeGreaterThanOrEqual(Math.max(1, lengths.smallest));
        expect(length).toBeLessThanOrEqual(lengths.largest * (1 + 1e-12));
        expect(lengths.quantile(share / 2)).toBeLessThanOrEqual(length);
        expect(lengths.meanSquare).toBeGreaterThanOrEqual(lengths.mean ** 2 * (1 - 1e-12));
      }),
    );
  });

  it.each([
    [() => fixedLength(0, "input"), "invalid input: 0 (wants at least 1 token"],
    [() => fixedLength(-5, "input"), "invalid input: -5 (wants at least 1 token"],
    [() => fixedLength(Number.NaN, "input"), "invalid input: not a number (wants at least 1 token"],
    [() => fixedLength(1.5, "input"), "invalid input: 1.5 (wants a whole number of tokens)"],
    [() => fixedLength(1e9 + 1, "input"), "at most 1,000,000,000"],
    [() => uniformLengths(0.5, 3, "input"), "invalid input.from: 0.5 (wants at least 1 token"],
    [() => uniformLengths(9, 3, "input"), "invalid input.to: 3 (wants at least from, 9)"],
    [() => lognormalLengths({ mean: 10, deviation: 0 }), "invalid length.deviation: 0 (wants a number above 0"],
    [() => lognormalLengths({ mean: 10, deviation: 1001 }), "at most 100 times the mean"],
    [() => lognormalLengths({ mean: 0.9, deviation: 1 }), "invalid length.mean: 0.9"],
    [() => lognormalLengths({ mean: 10, deviation: 1, largest: 0 }), "invalid length.largest: 0"],
    [() => exponentialLengths({ mean: 0.5 }), "invalid length.mean: 0.5"],
    [() => quantileLengths({}), 'wants one quantile at least, such as "p50"'],
    [() => quantileLengths({ p0: 5 }), "invalid length.p0: 5 (wants names such as"],
    [() => quantileLengths({ p100: 5 }), "invalid length.p100: 5"],
    [() => quantileLengths({ median: 5 } as never), "invalid length.median: 5"],
    [() => quantileLengths({ p50: 0.5 }), "invalid length.p50: 0.5 (wants at least 1 token"],
    [() => quantileLengths({ p50: 5, p90: 4 }), "lengths must not fall from one quantile to the next, here from 5"],
    [() => quantileLengths({ p50: 5, p5e1: 5 } as never), "invalid length.p5e1"],
    [() => quantileLengths({ p50: 5, "p50.0": 6 } as never), "wants each quantile once"],
    [() => quantileLengths({ p50: 5, max: 4 }), "must not fall"],
    [() => quantileLengths({ min: 6, p50: 5 }), "must not fall"],
  ])("refuse what cannot be: %#", (make, message) => {
    expect(make).toThrow(message);
  });
});
