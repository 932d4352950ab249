import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ExpertChoices, leastExperts, touchedExperts } from "../../src/measurement/expert-load.ts";

const choices = (changes: Partial<ExpertChoices>): ExpertChoices => ({
  ...{ tokens: 2, experts: 256, topK: 6, moeEp: 1, distribution: "balanced" },
  ...changes,
});

describe("touchedExperts", () => {
  it("is one expert a choice up to all of them where the choice is balanced", () => {
    expect(touchedExperts(choices({}))).toBe(12);
    expect(touchedExperts(choices({ moeEp: 4 }))).toBe(3);
    expect(touchedExperts(choices({ tokens: 42 }))).toBe(252);
    expect(touchedExperts(choices({ tokens: 43 }))).toBe(256);
    expect(leastExperts(choices({ topK: 8, moeEp: 4 }))).toBe(2);
  });

  it("is what loads drawn from the power law leave above half a token", () => {
    // The same by brute force: loads at the quantiles of the law, scaled to T k choices, rounded.
    const [tokens, experts, topK, a] = [64, 128, 8, 1.2];
    const [low, high] = [1, 0.8 * tokens];
    const loads = Array.from({ length: 100_000 }, (_, i) => {
      const u = (i + 0.5) / 100_000;
      return ((high ** (1 - a) - low ** (1 - a)) * u + low ** (1 - a)) ** (1 / (1 - a));
    });
    const scale = (tokens * topK) / ((experts * loads.reduce((sum, x) => sum + x, 0)) / loads.length);
    const share = loads.filter((x) => x * scale >= 0.5).length / loads.length;
    const found = touchedExperts(choices({ tokens, experts, topK, distribution: "power_law_1.2" }));
    expect(found / (experts * share)).toBeCloseTo(1, 2);
    expect(found).toBeLessThan(experts);
  });

  it("stays between one token's experts and all, at exponents of 1 and 2 too", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4096 }),
        fc.integer({ min: 1, max: 8 }),
        fc.constantFrom<ExpertChoices["distribution"]>("balanced", "power_law_1", "power_law_1.01", "power_law_2"),
        (tokens, topK, distribution) => {
          const at = (n: number): number => touchedExperts(choices({ tokens: n, experts: 64, topK, distribution }));
          expect(at(tokens)).toBeGreaterThanOrEqual(topK - 1e-9);
          expect(at(tokens)).toBeLessThanOrEqual(64 + 1e-9);
        },
      ),
    );
  });
});
