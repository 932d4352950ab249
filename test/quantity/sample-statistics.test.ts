import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { median, medianAbsoluteDeviation, medianInterval, nearestRank } from "../../src/quantity/sample-statistics.ts";

const values = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 60 });

describe("the median", () => {
  it("is the middle value, of an even number the mean of the two in the middle", () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([10, 1, 2, 3])).toBe(2.5);
    expect(median([7])).toBe(7);
    expect(() => median([])).toThrow(RangeError);
  });

  it("has a median absolute deviation that one outlier hardly moves", () => {
    expect(medianAbsoluteDeviation([1, 2, 3, 4, 5])).toBe(1);
    expect(medianAbsoluteDeviation([1, 2, 3, 4, 500])).toBe(1);
    expect(medianAbsoluteDeviation([2, 2, 2])).toBe(0);
  });
});

describe("the median's interval", () => {
  it("of 9 values is from the 2nd to the 8th, since 2 (1 + 9) / 512 is at most 5 %", () => {
    const interval = medianInterval([9, 8, 7, 6, 5, 4, 3, 2, 1]);
    expect(interval).toMatchObject({ low: 2, high: 8 });
    expect(interval.level).toBeCloseTo(1 - 20 / 512, 12);
  });

  it("of 5 values is the whole range and below 95 %, of 6 the whole range and above", () => {
    expect(medianInterval([1, 2, 3, 4, 5])).toEqual({ low: 1, high: 5, level: 1 - 2 / 32 });
    const six = medianInterval([1, 2, 3, 4, 5, 6]);
    expect([six.low, six.high]).toEqual([1, 6]);
    expect(six.level).toBeCloseTo(1 - 2 / 64, 12);
  });

  it("of one value is that value and says nothing; of none there is none", () => {
    expect(medianInterval([4])).toEqual({ low: 4, high: 4, level: 0 });
    expect(() => medianInterval([])).toThrow(RangeError);
    expect(medianInterval([4, 5, 6, 7], 0.95, 1)).toEqual({ low: 4, high: 7, level: 0 });
  });

  it("of values worth fewer independent ones is as wide as theirs: of 90 worth 9 from (2 − ½) 10 + ½ on", () => {
    const values = Array.from({ length: 90 }, (_, i) => i + 1);
    const nine = medianInterval([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(medianInterval(values, 0.95, 9.9)).toEqual({ low: 15, high: 76, level: nine.level });
    expect(medianInterval(values, 0.95, 5)).toEqual({ low: 1, high: 90, level: 1 - 2 / 32 });
    expect(medianInterval(values, 0.95, 1000)).toEqual(medianInterval(values));
  });

  it("follows the normal approximation n/2 ± 0.98 √n for 5000 values, where ½ⁿ is no double", () => {
    const { low, high, level } = medianInterval(Array.from({ length: 5000 }, (_, i) => i + 1));
    expect(level).toBeGreaterThanOrEqual(0.95);
    expect(level).toBeLessThan(0.953);
    expect(Math.abs(low - (2500 - 0.98 * Math.sqrt(5000)))).toBeLessThan(3);
    expect(low + high).toBe(5001);
  });

  it("holds the median and keeps the level from 6 values on", () => {
    fc.assert(
      fc.property(values, (sample) => {
        const { low, high, level } = medianInterval(sample);
        expect(low).toBeLessThanOrEqual(median(sample));
        expect(high).toBeGreaterThanOrEqual(median(sample));
        if (sample.length >= 6) expect(level).toBeGreaterThanOrEqual(0.95);
      }),
    );
  });
});

it("gives the nearest rank: 18 of 1 to 20 at 0.9, the only one of one, the largest at 1", () => {
  const twenty = Array.from({ length: 20 }, (_, i) => 20 - i);
  expect(nearestRank(twenty, 0.9)).toBe(18);
  expect(nearestRank([7], 0.95)).toBe(7);
  expect(nearestRank(twenty, 1)).toBe(20);
});
