import { describe, expect, it } from "vitest";
import { autocorrelationTime } from "../../src/quantity/autocorrelation-time.ts";
import { seededRandom } from "../../src/quantity/seeded-random.ts";

describe("autocorrelationTime", () => {
  it("is 1 of equal samples, of one, and of samples that take turns", () => {
    expect(autocorrelationTime([3, 3, 3, 3])).toBe(1);
    expect(autocorrelationTime([3])).toBe(1);
    expect(autocorrelationTime([1, 2, 1, 2, 1, 2, 1, 2])).toBe(1);
    expect(() => autocorrelationTime([])).toThrow(RangeError);
  });

  it("is by hand of four below and then four above: pairs (8 + 5) / 8 and (2 − 1) / 8, of 4 lags", () => {
    const time = -1 + 2 * (13 / 8 + 1 / 8);
    expect(autocorrelationTime([1, 1, 1, 1, 2, 2, 2, 2])).toBeCloseTo(time * (1 + Math.sqrt(18 / 8)), 12);
  });

  it("of many independent samples is about 1, of an autoregression that keeps ρ about 1 + 2 Σ 2/π asin ρ^k", () => {
    const random = seededRandom(3);
    const series = (kept: number): number[] => {
      let x = random.normal();
      return Array.from({ length: 20_000 }, () => {
        x = kept * x + Math.sqrt(1 - kept * kept) * random.normal();
        return x;
      });
    };
    const expected = (kept: number): number => {
      let time = 1;
      for (let k = 1; k < 200; k++) time += (4 / Math.PI) * Math.asin(kept ** k);
      return time;
    };
    expect(autocorrelationTime(series(0))).toBeLessThan(1.15);
    for (const kept of [0.5, 0.8, 0.95]) {
      const time = autocorrelationTime(series(kept));
      expect(time / expected(kept)).toBeGreaterThan(0.8);
      expect(time / expected(kept)).toBeLessThan(1.3);
    }
  });
});
