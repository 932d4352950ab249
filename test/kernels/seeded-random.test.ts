import { describe, expect, it } from "vitest";
import { seededRandom } from "../../src/kernels/seeded-random.ts";

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
