import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { seededRandom } from "../../src/quantity/seeded-random.ts";
import { type KernelFit, kernelSeconds } from "../../src/timing/kernel-fit.ts";
import { defaultFitLimits, fitFamily, type KernelSample } from "../../src/validation/fit-family.ts";

const truth: KernelFit = { startSeconds: 5e-6, bandwidthEfficiency: 0.8, computeEfficiency: 0.6, kneeSharpness: 2 };

/** Sizes over four decades, from memory-bound to compute-bound, with relative noise and every `outlier`th row slow by half. */
function samplesOf(fit: KernelFit, noise = 0, outlier = 0, rows = 60): KernelSample[] {
  const random = seededRandom(7);
  const uniform = (): number => random.below(1_000_000) / 1e6;
  return Array.from({ length: rows }, (_, i) => {
    const memorySeconds = 1e-7 * 10 ** ((4 * i) / rows);
    const computeSeconds = memorySeconds * 10 ** ((2 * ((i * 7) % 13)) / 12 - 1);
    const wrong = outlier > 0 && i % outlier === 0 ? 1.5 : 1;
    const off = 1 + noise * (2 * uniform() - 1);
    const measuredSeconds = kernelSeconds(fit, memorySeconds, computeSeconds) * off * wrong;
    return { memorySeconds, computeSeconds, measuredSeconds };
  });
}

const relative = (fitted: number, known: number): number => Math.abs(fitted / known - 1);

describe("a fit of rows made from known parameters", () => {
  test("finds all four within 0.1 % without noise", () => {
    const { fit, determined, residuals } = fitFamily("any", samplesOf(truth));
    for (const name of ["startSeconds", "bandwidthEfficiency", "computeEfficiency", "kneeSharpness"] as const) {
      expect(relative(fit[name], truth[name])).toBeLessThan(1e-3);
    }
    expect(determined).toHaveLength(4);
    expect(residuals.maxAbsolutePercentageError).toBeLessThan(0.01);
  });

  test("finds start-up and efficiencies within 3 % with noise of 4 % and every tenth row half as slow again", () => {
    const { fit } = fitFamily("any", samplesOf(truth, 0.04, 10));
    expect(relative(fit.startSeconds, truth.startSeconds)).toBeLessThan(0.03);
    expect(relative(fit.bandwidthEfficiency, truth.bandwidthEfficiency)).toBeLessThan(0.03);
    expect(relative(fit.computeEfficiency, truth.computeEfficiency)).toBeLessThan(0.03);
    expect(relative(fit.kneeSharpness, truth.kneeSharpness)).toBeLessThan(0.15);
  });

  test("finds any parameters within 1 %, from noiseless rows", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e-6, max: 1e-4, noNaN: true }),
        fc.double({ min: 0.2, max: 0.95, noNaN: true }),
        fc.double({ min: 0.2, max: 0.95, noNaN: true }),
        fc.double({ min: 0.8, max: 5, noNaN: true }),
        (startSeconds, bandwidthEfficiency, computeEfficiency, kneeSharpness) => {
          const known = { startSeconds, bandwidthEfficiency, computeEfficiency, kneeSharpness };
          const { residuals } = fitFamily("any", samplesOf(known));
          expect(residuals.maxAbsolutePercentageError).toBeLessThan(1);
        },
      ),
      { numRuns: 40 },
    );
  });

  test("does not depend on the order of the rows, and gives the same twice", () => {
    const samples = samplesOf(truth, 0.05);
    const one = fitFamily("any", samples).fit;
    expect(fitFamily("any", samples).fit).toEqual(one);
    const other = fitFamily("any", [...samples].reverse()).fit;
    expect(relative(other.startSeconds, one.startSeconds)).toBeLessThan(1e-4);
    expect(relative(other.bandwidthEfficiency, one.bandwidthEfficiency)).toBeLessThan(1e-4);
  });

  test("keeps efficiencies within their limit where rows are faster than the ceilings", () => {
    const samples = samplesOf({ ...truth, bandwidthEfficiency: 1.2 });
    expect(fitFamily("any", samples).fit.bandwidthEfficiency).toBeLessThanOrEqual(1);
    const wider = fitFamily("any", samples, { ...defaultFitLimits, mostEfficiency: 1.05 });
    expect(wider.fit.bandwidthEfficiency).toBeCloseTo(1.05, 2);
  });
});

describe("rows that don't determine everything", () => {
  const memoryOnly = (rows: number, leastSeconds: number): KernelSample[] =>
    Array.from({ length: rows }, (_, i) => {
      const memorySeconds = leastSeconds * 2 ** i;
      const computeSeconds = memorySeconds / 100;
      return { memorySeconds, computeSeconds, measuredSeconds: kernelSeconds(truth, memorySeconds, computeSeconds) };
    });

  test("memory-bound rows of all sizes give start-up and bandwidth; all of the peak is assumed", () => {
    const { fit, determined } = fitFamily("any", memoryOnly(12, 1e-6));
    expect(determined).toEqual(["startSeconds", "bandwidthEfficiency"]);
    expect(fit.bandwidthEfficiency).toBeCloseTo(0.8, 3);
    expect(fit.startSeconds).toBeCloseTo(5e-6, 8);
    expect(fit.computeEfficiency).toBe(1);
  });

  test("large rows alone give the bandwidth; the start-up is the machine's usual one", () => {
    const limits = { ...defaultFitLimits, usualStartSeconds: 2e-6 };
    const { fit, determined } = fitFamily("any", memoryOnly(6, 1e-2), limits);
    expect(determined).toEqual(["bandwidthEfficiency"]);
    expect(fit.startSeconds).toBe(2e-6);
    expect(fit.bandwidthEfficiency).toBeCloseTo(0.8, 3);
  });

  test("one row gives one parameter", () => {
    const { determined, fit } = fitFamily("any", memoryOnly(1, 1e-3));
    expect(determined).toEqual(["bandwidthEfficiency"]);
    expect(kernelSeconds(fit, 1e-3, 1e-5)).toBeCloseTo(kernelSeconds(truth, 1e-3, 1e-5), 6);
  });

  test("three rows give no more than one parameter, four no more than two", () => {
    expect(fitFamily("any", memoryOnly(3, 4e-6)).determined).toHaveLength(1);
    expect(fitFamily("any", memoryOnly(4, 4e-6)).determined.length).toBeLessThanOrEqual(2);
  });

  test("tiny rows alone give the start-up", () => {
    const samples = Array.from({ length: 6 }, (_, i) => ({
      memorySeconds: 1e-9 * (i + 1),
      computeSeconds: 1e-10,
      measuredSeconds: 5e-6,
    }));
    const { fit, determined } = fitFamily("any", samples);
    expect(determined).toEqual(["startSeconds"]);
    expect(fit.startSeconds).toBeCloseTo(5e-6, 8);
  });

  test("rows of one number of FLOPs a byte give one efficiency, never the other's in its place", () => {
    const random = seededRandom(3);
    const samples = memoryOnly(12, 1e-6).map((each) => ({
      ...each,
      measuredSeconds: each.measuredSeconds * (0.97 + 0.06 * random.uniform()),
    }));
    const { determined, fit } = fitFamily("any", samples);
    expect(determined).toEqual(["startSeconds", "bandwidthEfficiency"]);
    expect(fit.computeEfficiency).toBe(1);
    const compute = samples.map(({ memorySeconds, computeSeconds, measuredSeconds }) => {
      return { memorySeconds: computeSeconds, computeSeconds: memorySeconds, measuredSeconds };
    });
    expect(fitFamily("any", compute).determined).toEqual(["startSeconds", "computeEfficiency"]);
  });

  test("no rows are refused", () => {
    expect(() => fitFamily("any", [])).toThrow(RangeError);
  });
});
