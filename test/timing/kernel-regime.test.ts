import { describe, expect, it } from "vitest";
import { emptyKernelTime } from "../../src/timing/kernel-form.ts";
import { kernelRegime } from "../../src/timing/kernel-regime.ts";

function regime(startSeconds: number, memorySeconds: number, computeSeconds: number, linkSeconds = 0): string {
  const seconds = startSeconds + Math.max(memorySeconds, computeSeconds, linkSeconds);
  return kernelRegime({ ...emptyKernelTime(), seconds, startSeconds, memorySeconds, computeSeconds, linkSeconds });
}

describe("kernelRegime", () => {
  it("is that of its example", () => {
    expect(regime(0, 10, 5)).toBe("memory");
    expect(regime(0, 10, 8)).toBe("compute");
    expect(regime(12, 10, 8)).toBe("memory");
  });

  it("changes where arithmetic takes two thirds of the bytes' time, and where half the call is start-up", () => {
    expect(regime(0, 1.5, 1)).toBe("memory");
    expect(regime(0, 1.499, 1)).toBe("compute");
    expect(regime(8, 0, 8)).toBe("compute");
    expect(regime(8.01, 0, 8)).toBe("memory");
  });

  it("takes a link for arithmetic", () => {
    expect(regime(0, 1, 0, 2)).toBe("compute");
  });
});
