import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { IntervalSum, kernelSpread } from "../../src/timing/interval-sum.ts";
import { fittedKernel } from "../fixtures/synthetic-fit.ts";

const spread = (family: number, relative: number, correlation = 0) =>
  kernelSpread(fittedKernel("linear", { relative, correlation }), family);

/** Half-widths of a sum of kernels of 1 s each: their families, and the correlation in one. */
function width(families: readonly number[], correlation: number, transfer = 0): number {
  const sum = new IntervalSum(2, transfer);
  for (const family of families) sum.add(spread(family, 0.1, correlation), "memory", 1, 1);
  const { low, high } = sum.around(families.length);
  expect(families.length - low).toBeCloseTo(high - families.length, 12);
  return high - families.length;
}

describe("IntervalSum", () => {
  it("is the kernel's own interval for one kernel: 1 s ± 10 %", () => {
    const sum = new IntervalSum(1, 0);
    sum.add(spread(0, 0.1), "memory", 1, 1);
    expect(sum.around(1)).toEqual({ low: 0.9, high: 1.1, level: 0.9 });
  });

  it("adds squares of independent kernels, and errors of kernels that are off together", () => {
    expect(width([0, 0, 0, 0], 0)).toBeCloseTo(0.2, 12);
    expect(width([0, 0, 0, 0], 1)).toBeCloseTo(0.4, 12);
    // s² = (1 − 0.5) × 4 × 0.01 + 0.5 × 0.16
    expect(width([0, 0, 0, 0], 0.5)).toBeCloseTo(Math.sqrt(0.1), 12);
    // Families are independent of each other: 2 × 0.2² where each is off together.
    expect(width([0, 0, 1, 1], 1)).toBeCloseTo(Math.sqrt(0.08), 12);
  });

  it("lets instances of one operation be off together", () => {
    const sum = new IntervalSum(1, 0);
    sum.add(spread(0, 0.1), "memory", 0.25, 1);
    expect(sum.around(1).high).toBeCloseTo(1.1, 12);
  });

  it("takes the constant part of the error by the instance's own time", () => {
    const sum = new IntervalSum(1, 0);
    const own = spread(0, 0);
    const constant = { ...own, memory: { ...own.memory, seconds: 0.1 } };
    sum.add(constant, "memory", 0.5, 2);
    // 0.1 s on 0.5 s is a fifth, of 2 s.
    expect(sum.around(2).high).toBeCloseTo(2.4, 12);
  });

  it("widens by another machine's fit: 1.6449 deviations upwards", () => {
    expect(width([], 0, 0.1)).toBe(0);
    const sum = new IntervalSum(1, 0.1);
    sum.add(spread(0, 0), "memory", 1, 1);
    expect(sum.around(1).high).toBeCloseTo(Math.exp(0.16449), 6);
  });

  it("is skewed where residuals are, never below 0, and begins anew", () => {
    const sum = new IntervalSum(1, 0);
    const own = spread(0, 1);
    const skewed = { ...own, compute: { ...own.compute, low: -0.1, high: 3 } };
    sum.add(skewed, "compute", 1, 1);
    const { low, high } = sum.around(1);
    expect([low, high]).toEqual([0.9, 4]);
    sum.clear();
    sum.add(spread(0, 3), "memory", 1, 1);
    expect(sum.around(1)).toEqual({ low: 0, high: 4, level: 0.9 });
  });

  it("tells kernels far shorter or longer than any that was fitted", () => {
    const ranged = { ...spread(0, 0.1), shortestSeconds: 1, longestSeconds: 2 };
    const extrapolates = (one: number): boolean => {
      const sum = new IntervalSum(1, 0);
      sum.add(ranged, "memory", one, one);
      return sum.extrapolates;
    };
    expect([0.5, 1, 4].map(extrapolates)).toEqual([false, false, false]);
    expect([0.49, 4.01].map(extrapolates)).toEqual([true, true]);
  });

  it("grows with each kernel, each correlation and the transfer", () => {
    const count = fc.integer({ min: 1, max: 30 });
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(count, share, (kernels, correlation) => {
        const families = Array.from({ length: kernels }, (_, i) => i % 2);
        const own = width(families, correlation);
        expect(width([...families, 0], correlation)).toBeGreaterThan(own);
        expect(width(families, Math.min(1, correlation + 0.1))).toBeGreaterThanOrEqual(own - 1e-12);
        expect(own).toBeLessThanOrEqual(0.1 * kernels + 1e-12);
      }),
    );
  });
});
