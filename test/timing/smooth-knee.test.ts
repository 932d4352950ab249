import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { smoothKnee } from "../../src/timing/smooth-knee.ts";

const seconds = fc.double({ min: 1e-9, max: 1, noNaN: true });
const share = fc.double({ min: 0, max: 1, noNaN: true });

describe("smoothKnee", () => {
  it("is the longer of the two, their sum, or between, as its example says", () => {
    expect(smoothKnee(3, 4, 0)).toBe(4);
    expect(smoothKnee(3, 4, 1)).toBe(7);
    expect(smoothKnee(1, 1, 0.2)).toBeCloseTo(1.2, 12);
  });

  it("lies between the longer and the sum, and grows with each of the three", () => {
    fc.assert(
      fc.property(seconds, seconds, share, (a, b, s) => {
        const knee = smoothKnee(a, b, s);
        expect(knee).toBeGreaterThanOrEqual(Math.max(a, b) * (1 - 1e-12));
        expect(knee).toBeLessThanOrEqual((a + b) * (1 + 1e-12));
        expect(smoothKnee(1.01 * a, b, s)).toBeGreaterThanOrEqual(knee * (1 - 1e-12));
        expect(smoothKnee(a, b, Math.min(1, s + 0.01))).toBeGreaterThanOrEqual(knee * (1 - 1e-12));
        expect(smoothKnee(b, a, s)).toBeCloseTo(knee, 12);
      }),
    );
  });

  it("tends to the longer one where the other vanishes", () => {
    expect(smoothKnee(1, 1e-9, 0.5)).toBeCloseTo(1, 8);
  });
});
