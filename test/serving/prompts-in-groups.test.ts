import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { groupShare, promptsInGroups } from "../../src/serving/prompts-in-groups.ts";

describe("the share of a prompt's seconds that it costs among groups of devices", () => {
  test("by hand: one prompt a step on average on 2 groups, 1 − e⁻¹ + e⁻¹ (1/3! + 1/4! + …) rounds, within 1e-6", () => {
    // E[⌈k / 2⌉] = (m + P(k odd)) / 2, P(k odd) = (1 − e^(−2 m)) / 2.
    const odd = (1 - Math.exp(-2)) / 2;
    expect(groupShare(1, 2)).toBeCloseTo((1 + odd) / 2, 6);
  });

  test("one group costs all, whatever the number of prompts", () => {
    expect(groupShare(0.1, 1)).toBe(1);
    expect(groupShare(100, 1)).toBe(1);
  });

  test("a prompt that is alone costs all of it, within 1 % at a hundredth of a prompt a step", () => {
    expect(groupShare(0.01, 8)).toBeGreaterThan(0.99);
  });

  test("among very many each costs a g-th, within 1 % at a thousand groups' worth", () => {
    expect(groupShare(8000, 8) * 8).toBeCloseTo(1, 2);
    expect(groupShare(5, 8)).toBeGreaterThan(1 / 8);
  });

  test("more prompts a step never cost less in all, but for a millionth that the cut sum leaves", () => {
    const rounds = (prompts: number, groups: number): number => prompts * groupShare(prompts, groups);
    fc.assert(
      fc.property(
        fc.double({ min: 0.001, max: 500, noNaN: true }),
        fc.integer({ min: 1, max: 64 }),
        (prompts, groups) => {
          expect(rounds(prompts * 1.1, groups)).toBeGreaterThanOrEqual(rounds(prompts, groups) * (1 - 1e-6));
          expect(groupShare(prompts, groups)).toBeGreaterThanOrEqual(1 / groups);
          expect(groupShare(prompts, groups)).toBeLessThanOrEqual(1);
        },
      ),
    );
  });
});

describe("prompts among groups", () => {
  const secondsOf = (length: number, beside: number): number => (length * 1e-4) / Math.sqrt(beside);

  test("one group: a prompt's own seconds", () => {
    expect(promptsInGroups([1000], 1, 3, secondsOf)).toEqual({ alone: [0.1], single: [0.1] });
  });

  test("never less than side by side, never more than alone", () => {
    for (const perStep of [0, 0.1, 1, 10, 1000]) {
      const { alone, single } = promptsInGroups([1000], 4, perStep, secondsOf);
      expect(alone[0]).toBeGreaterThanOrEqual(0.05);
      expect(alone[0]).toBeLessThanOrEqual(single[0]!);
    }
  });
});
