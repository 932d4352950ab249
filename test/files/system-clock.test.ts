import { describe, expect, it } from "vitest";
import { systemClock } from "../../src/files/system-clock.ts";

describe("systemClock", () => {
  it("resolves a millisecond, never runs backwards, and pauses", async () => {
    const clock = systemClock();
    expect(clock.resolutionSeconds).toBeGreaterThan(0);
    expect(clock.resolutionSeconds).toBeLessThanOrEqual(1e-3);
    const from = clock.nowSeconds();
    await clock.pause(0.002);
    expect(clock.nowSeconds()).toBeGreaterThan(from);
  });
});
