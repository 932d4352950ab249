import { describe, expect, it } from "vitest";
import { normalQuantile, normalShareBelow } from "../../src/quantity/normal-distribution.ts";

describe("normalShareBelow", () => {
  it.each([
    [0, 0.5],
    [1, 0.841344746068543],
    [-1.959963984540054, 0.025],
    [3, 0.99865010196837],
  ])("of %d is the table's to 1e-13", (z, share) => {
    expect(Math.abs(normalShareBelow(z) - share)).toBeLessThan(1e-13);
  });

  it("keeps its digits far out, and joins where the two formulas meet", () => {
    expect(normalShareBelow(-7) / 1.279812543885835e-12 - 1).toBeCloseTo(0, 9);
    expect(normalShareBelow(-8.5) / 9.479534822203e-18 - 1).toBeCloseTo(0, 9);
    const density = Math.exp(-4.5) / Math.sqrt(2 * Math.PI);
    expect(Math.abs(normalShareBelow(-2.999999) - normalShareBelow(-3.000001) - 2e-6 * density)).toBeLessThan(1e-13);
    expect(normalShareBelow(40)).toBe(1);
    expect(normalShareBelow(-40)).toBe(0);
  });
});

describe("normalQuantile", () => {
  it("is 1.959964 at 0.975, and the other way round at 0.025", () => {
    expect(normalQuantile(0.975)).toBeCloseTo(1.959963984540054, 8);
    expect(normalQuantile(0.025)).toBeCloseTo(-1.959963984540054, 8);
    expect(normalQuantile(0.5)).toBeCloseTo(0, 12);
  });

  it("undoes normalShareBelow within 1e-8 over all that 32 bits can draw", () => {
    for (let z = -6.2; z <= 6.2; z += 0.01) {
      expect(Math.abs(normalQuantile(normalShareBelow(z)) - z), String(z)).toBeLessThan(z > 5 ? 1e-4 : 1e-8);
    }
  });
});
