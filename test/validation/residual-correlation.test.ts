import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { residualCorrelation } from "../../src/validation/residual-correlation.ts";

const classes = (...values: number[][]) => new Map(values.map((each, i) => [String(i), each]));

describe("residualCorrelation", () => {
  it("is 1 where classes agree in themselves, 0 where they do not differ, as its examples say", () => {
    expect(residualCorrelation(classes([1, 1], [3, 3]))).toBe(1);
    expect(residualCorrelation(classes([1, 3], [1, 3]))).toBe(0);
  });

  it("reckons by hand: {0, 2}, {2, 4}", () => {
    // Means 1 and 3, all 2: MSB = 2 (1 + 1) / 1 = 4, MSW = (2 + 2) / 2 = 2, n₀ = 2: ρ = (4 − 2) / (4 + 2).
    expect(residualCorrelation(classes([0, 2], [2, 4]))).toBeCloseTo(1 / 3, 12);
  });

  it("leaves out classes of one value, and is 0 where fewer than two are left", () => {
    expect(residualCorrelation(classes([1, 1], [3, 3], [100]))).toBe(1);
    expect(residualCorrelation(classes([1, 1], [3]))).toBe(0);
    expect(residualCorrelation(classes())).toBe(0);
    expect(residualCorrelation(classes([2, 2], [2, 2]))).toBe(0);
  });

  it("lies between 0 and 1, whatever the values, and does not depend on their unit or zero", () => {
    const value = fc.double({ min: -1, max: 1, noNaN: true });
    const lists = fc.array(fc.array(value, { minLength: 1, maxLength: 5 }), { minLength: 0, maxLength: 6 });
    fc.assert(
      fc.property(lists, (values) => {
        const own = residualCorrelation(classes(...values));
        expect(own).toBeGreaterThanOrEqual(0);
        expect(own).toBeLessThanOrEqual(1);
      }),
    );
    const some = [
      [0.1, 0.3],
      [0.2, 0.7],
      [0.9, 0.8],
    ];
    const moved = some.map((each) => each.map((one) => 5 + 3 * one));
    expect(residualCorrelation(classes(...moved))).toBeCloseTo(residualCorrelation(classes(...some)), 9);
  });
});
