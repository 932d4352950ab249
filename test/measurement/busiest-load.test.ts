import { describe, expect, test } from "vitest";
import { busiestLoad, type ExpertChoices, touchedExperts } from "../../src/measurement/expert-load.ts";

const row = (tokens: number, moeEp: number, distribution: ExpertChoices["distribution"]): ExpertChoices => ({
  ...{ tokens, experts: 128, topK: 8, moeEp, distribution },
});

describe("experts that measured tokens touch", () => {
  test("balanced: as many as there are choices, at most all", () => {
    expect(touchedExperts({ ...row(2, 1, "balanced"), experts: 256, topK: 6 })).toBe(12);
    expect(touchedExperts({ ...row(2, 4, "balanced"), experts: 256, topK: 6 })).toBe(3);
    expect(touchedExperts({ ...row(1024, 1, "balanced"), experts: 256, topK: 6 })).toBe(256);
  });

  test("the busiest of devices has its even part of balanced choices, an expert at least", () => {
    expect(busiestLoad(row(16, 8, "balanced"))).toEqual({ touchedExperts: 16, choices: 16 });
    expect(busiestLoad(row(1, 128, "balanced"))).toEqual({ touchedExperts: 1, choices: 1 });
  });

  test("a power law leaves experts idle, and gives the busiest of devices more than its part of choices", () => {
    const alone = busiestLoad(row(16, 1, "power_law_1.2"));
    expect(alone.touchedExperts).toBeLessThan(128);
    expect(alone.choices).toBe(128);
    const busiest = busiestLoad(row(4096, 8, "power_law_1.2"));
    expect(busiest.choices).toBeGreaterThan(1.2 * 4096);
    expect(busiest.choices).toBeLessThanOrEqual(4096 * 8);
    expect(busiest.touchedExperts).toBeLessThanOrEqual(16);
  });

  test("a steeper law makes it busier", () => {
    const choices = (exponent: number): number => busiestLoad(row(8192, 8, `power_law_${exponent}`)).choices;
    expect(choices(1.2)).toBeGreaterThan(choices(1.01));
  });
});
