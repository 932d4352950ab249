import { describe, expect, it } from "vitest";
import { clockOf } from "../../src/measurement/clock.ts";

describe("clockOf", () => {
  const pause = async (): Promise<void> => {};

  it("finds a tick of 15.6 ms through many readings between two ticks, and one long interruption", () => {
    let reading = 0;
    const clock = clockOf(() => Math.floor(reading++ / 100) * 0.0156 + (reading > 2000 ? 1 : 0), pause);
    expect(clock.resolutionSeconds).toBeCloseTo(0.0156, 9);
  });

  it("finds what a reading takes where each is later than the one before", () => {
    let seconds = 5;
    const clock = clockOf(() => (seconds += 3e-8), pause);
    expect(clock.resolutionSeconds).toBeCloseTo(3e-8, 12);
    expect(clock.nowSeconds()).toBeGreaterThan(5);
  });

  it("refuses a clock that stands still", () => {
    expect(() => clockOf(() => 1, pause)).toThrow("stands still");
  });
});
