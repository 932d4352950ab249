import { describe, expect, it } from "vitest";
import { seededRandom } from "../../src/quantity/seeded-random.ts";

describe("seededRandom", () => {
  it("repeats itself from the same seed, and not from another", () => {
    const draw = (seed: number): number[] => Array.from({ length: 8 }, seededRandom(seed).uniform);
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
  });

  it("is uniform: mean 1/2 and variance 1/12 within 4 standard errors of 100,000 draws", () => {
    const random = seededRandom(1);
    const values = Array.from({ length: 100_000 }, () => random.uniform());
    const mean = values.reduce((s, x) => s + x, 0) / values.length;
    const variance = values.reduce((s, x) => s + (x - mean) ** 2, 0) / values.length;
    expect(Math.abs(mean - 1 / 2)).toBeLessThan(4 * Math.sqrt(1 / 12 / values.length));
    // The variance of (x − 1/2)² is 1/80 − 1/144 = 1/180.
    expect(Math.abs(variance - 1 / 12)).toBeLessThan(4 * Math.sqrt(1 / 180 / values.length));
    expect(Math.min(...values.slice(0, 1000))).toBeGreaterThanOrEqual(0);
    expect(Math.max(...values.slice(0, 1000))).toBeLessThan(1);
  });

  it("is normal: variance 1 and fourth moment 3 within 4 standard errors of 100,000 draws", () => {
    const values = seededRandom(2).normals(100_000);
    const moment = (k: number): number => values.reduce((s, x) => s + x ** k, 0) / values.length;
    expect(Math.abs(moment(1))).toBeLessThan(4 / Math.sqrt(values.length));
    // var x² = 2, var x⁴ = E x⁸ − 9 = 96
    expect(Math.abs(moment(2) - 1)).toBeLessThan(4 * Math.sqrt(2 / values.length));
    expect(Math.abs(moment(4) - 3)).toBeLessThan(4 * Math.sqrt(96 / values.length));
  });

  it("has the normal's shares: within 1, between, beyond 2 and in the tail, within 4 standard errors of 1,000,000 draws", () => {
    const values = seededRandom(4).normals(1_000_000);
    // 2 (1 − Φ(x)), by Abramowitz and Stegun 1964, table 26.1; 3.6542 is where the ziggurat's tail begins.
    const shares = [
      { beyond: 0.5, share: 0.6170750775 },
      { beyond: 1, share: 0.3173105079 },
      { beyond: 2, share: 0.0455002639 },
      { beyond: 3, share: 0.0026997961 },
      { beyond: 4, share: 6.3342484e-5 },
    ];
    for (const { beyond, share } of shares) {
      for (const sign of [1, -1]) {
        const count = values.reduce((n, x) => n + (sign * x > beyond ? 1 : 0), 0);
        expect(Math.abs(count - 5e5 * share)).toBeLessThan(4 * Math.sqrt(5e5 * share));
      }
    }
    expect(Math.max(...values.subarray(0, 10_000))).toBeLessThan(6);
  });

  it("draws the same normals one by one as many at a time", () => {
    const [one, many] = [seededRandom(5), seededRandom(5)];
    const values = new Float64Array(20_000);
    many.fillNormals(values, 2, 1);
    for (const value of values) expect(1 + 2 * one.normal()).toBe(value);
    expect(one.uniform()).toBe(many.uniform());
    expect(one.normals(3)).toEqual(many.normals(3));
  });

  it("chooses k distinct numbers, each as often as any other", () => {
    const random = seededRandom(3);
    const times = new Array<number>(8).fill(0);
    for (let i = 0; i < 8000; i++) {
      const chosen = random.choose(2, 8);
      expect(new Set(chosen).size).toBe(2);
      for (const n of chosen) times[n] = (times[n] ?? 0) + 1;
    }
    // 2000 expected each, standard deviation √(8000 · 1/4 · 3/4) = 38.7
    for (const n of times) expect(Math.abs(n - 2000)).toBeLessThan(4 * 38.7);
  });
});
