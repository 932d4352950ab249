import { describe, expect, it } from "vitest";
import { errorStatistics, percentageError } from "../../src/validation/error-statistics.ts";

const sample = (
  measuredSeconds: number,
  predictedSeconds: number,
  interval: { low: number; high: number } | null = null,
) => ({
  measuredSeconds,
  predictedSeconds,
  interval,
});

describe("errorStatistics", () => {
  it("reckons by hand: measured 10, 20 and 100, predicted 9, 30 and 100", () => {
    const statistics = errorStatistics([sample(10, 9), sample(20, 30), sample(100, 100)]);
    expect(statistics).toEqual({
      rows: 3,
      medianAbsolutePercentageError: 10,
      meanAbsolutePercentageError: 20,
      p95AbsolutePercentageError: 50,
      maxAbsolutePercentageError: 50,
      bias: 0,
      within10Percent: (100 * 2) / 3,
    });
    expect(percentageError(sample(10, 9))).toBe(-10);
  });

  it("counts an error of 10 % as within, 10.01 % not", () => {
    expect(errorStatistics([sample(1, 1.1), sample(1, 0.9), sample(3e-6, 2.7e-6)]).within10Percent).toBe(100);
    expect(errorStatistics([sample(1, 1.1001), sample(1, 0.8999)]).within10Percent).toBe(0);
  });

  it("gives coverage and half width where every row has an interval", () => {
    const rows = [sample(10, 10, { low: 9, high: 11 }), sample(20, 10, { low: 8, high: 12 })];
    expect(errorStatistics(rows)).toMatchObject({ coverage90: 50, medianIntervalHalfWidth: 10 });
    expect(errorStatistics([...rows, sample(1, 1)])).not.toHaveProperty("coverage90");
  });
});
