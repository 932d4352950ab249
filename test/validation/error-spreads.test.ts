import { describe, expect, it } from "vitest";
import type { KernelRegime } from "../../src/timing/kernel-regime.ts";
import { errorSpreads, intervalOf, type Residual } from "../../src/validation/error-spreads.ts";
import { normalNoise } from "../fixtures/synthetic-fit.ts";

/** Rows from 1 µs to 1 s, measured with noise of a share of their time and of so many seconds. */
function residualsOf(
  rows: number,
  share: number,
  seconds: number,
  seed = 0,
  offset: readonly number[] = [0],
): Residual[] {
  const relative = normalNoise(share, seed);
  const constant = normalNoise(1, seed + 50);
  return Array.from({ length: rows }, (_, i) => {
    const predictedSeconds = 1e-6 * 10 ** ((i % 60) / 10);
    const fold = i % 10;
    const regime: KernelRegime = i % 3 === 0 ? "compute" : "memory";
    const factor = 1 + (offset[fold % offset.length] ?? 0);
    const measuredSeconds = predictedSeconds * relative(i) * factor + seconds * Math.log(constant(i));
    return { predictedSeconds, measuredSeconds, regime, fold };
  });
}

function coverage(known: readonly Residual[], asked: readonly Residual[]): number {
  const spreads = errorSpreads(known);
  const inside = asked.filter((each) => {
    const { low, high } = intervalOf(spreads, each);
    return low <= each.measuredSeconds && each.measuredSeconds <= high;
  });
  return (100 * inside.length) / asked.length;
}

describe("errorSpreads", () => {
  it.each([
    [0.05, 0],
    [0.02, 1e-7],
    [0.2, 0],
    [0.01, 3e-7],
  ])("covers 85 to 95 % of rows that it did not see: noise of %d of the time and %d s", (share, seconds) => {
    for (const seed of [1, 2, 3]) {
      const covered = coverage(residualsOf(1000, share, seconds, seed), residualsOf(1000, share, seconds, seed + 7));
      expect(covered).toBeGreaterThanOrEqual(85);
      expect(covered).toBeLessThanOrEqual(95);
    }
  });

  it("is as narrow as the noise: 1.64 deviations either way", () => {
    const spreads = errorSpreads(residualsOf(3000, 0.05, 0, 1));
    const { low, high } = intervalOf(spreads, { predictedSeconds: 1e-3, regime: "memory" });
    expect((high - low) / 2e-3 / (1.645 * 0.05)).toBeGreaterThan(0.85);
    expect((high - low) / 2e-3 / (1.645 * 0.05)).toBeLessThan(1.2);
  });

  it("is wider in share for short calls where the error has a constant part", () => {
    const spreads = errorSpreads(residualsOf(2000, 0.01, 2e-7, 1));
    const width = (predictedSeconds: number): number => {
      const { low, high } = intervalOf(spreads, { predictedSeconds, regime: "memory" });
      return (high - low) / predictedSeconds;
    };
    expect(width(1e-6)).toBeGreaterThan(5 * width(1e-2));
  });

  it("widens where rows that were left out together are off together", () => {
    const [even, apart] = [[0], [0.2, -0.2, 0.1, -0.1, 0]].map((offset) =>
      errorSpreads(residualsOf(1000, 0.02, 0, 1, offset)),
    );
    const width = (spreads: typeof even) => {
      const { low, high } = intervalOf(spreads!, { predictedSeconds: 1, regime: "memory" });
      return high - low;
    };
    expect(width(apart)).toBeGreaterThan(3 * width(even));
  });

  it("has one spread a regime, of all rows where a regime has few, and holds its prediction", () => {
    const slow = residualsOf(30, 0.001, 0).map((each) => ({ ...each, measuredSeconds: 1.5 * each.predictedSeconds }));
    const spreads = errorSpreads(slow);
    expect(spreads.map(({ regime }) => regime)).toEqual(["memory", "compute"]);
    for (const { low, high, rows } of spreads) {
      expect(low).toBeLessThanOrEqual(0);
      expect(high).toBeGreaterThan(0);
      expect(rows).toBe(rows === 20 ? 20 : 30);
    }
  });

  it("wants a residual", () => {
    expect(() => errorSpreads([])).toThrow(RangeError);
    expect(errorSpreads(residualsOf(1, 0.1, 0))).toHaveLength(2);
  });
});
