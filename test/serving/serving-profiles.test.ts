import { describe, expect, test } from "vitest";
import { servingProfiles } from "../../src/serving/serving-profiles.ts";

describe.each(Object.values(servingProfiles))("the serving profile of $id", ({ constants, policy, source }) => {
  test("has shares that are none above 1, and times above 0", () => {
    const { memoryEfficiency, computeEfficiency, linkEfficiency, memoryShare, waitPrompts, ...times } = constants;
    for (const share of [memoryEfficiency, computeEfficiency, linkEfficiency, memoryShare, policy.reservedShare]) {
      expect(share).toBeGreaterThan(0.2);
      expect(share).toBeLessThanOrEqual(1);
    }
    expect(waitPrompts).toBeGreaterThanOrEqual(1);
    expect(Math.min(...Object.values(times))).toBeGreaterThan(0);
    // A step's own takes milliseconds at most, a layer's and a sequence's a tenth of one.
    expect(times.stepSeconds).toBeLessThan(1e-2);
    expect(Math.max(times.layerSeconds, times.sequenceSeconds)).toBeLessThan(1e-4);
  });

  test("names what it was fitted on", () => {
    expect(source).toMatch(/Qwen3-32B.*@095f58a/);
  });
});
