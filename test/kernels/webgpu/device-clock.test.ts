import { describe, expect, it } from "vitest";
import { clockStep, resolvedSeconds } from "../../../src/kernels/webgpu/device-clock.ts";

describe("the device's clock", () => {
  it("has the step of the least difference, which a browser's rounding to 100 µs shows", () => {
    expect(clockStep([5_000n, 1_000n, 1_000n, 1_320n])).toBe(320);
    expect(clockStep([200_000n, 100_000n, 100_000n, 400_000n])).toBe(100_000);
    expect(clockStep([7n, 7n])).toBe(Number.POSITIVE_INFINITY);
  });

  it("tells intervals of 50 steps and more, and none that goes backwards", () => {
    expect(resolvedSeconds(1_000n, 1_000n + 5_000_000n, 100_000)).toBe(5e-3);
    expect(resolvedSeconds(1_000n, 1_000n + 4_999_999n, 100_000)).toBeNull();
    expect(resolvedSeconds(2n, 1n, 0)).toBeNull();
    expect(resolvedSeconds(0n, 1n, Number.POSITIVE_INFINITY)).toBeNull();
  });
});
