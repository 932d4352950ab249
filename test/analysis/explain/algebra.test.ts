import { describe, expect, it } from "vitest";
import {
  derivativeText,
  differentiate,
  evaluateFormula,
  formulaText,
  parseFormula,
  simplifyFormula,
  substitute,
} from "../../../src/analysis/explain/algebra.ts";

describe("algebra", () => {
  it("simplifies and evaluates", () => {
    expect(simplifyFormula("4 * B * (1 * S - 1 * (1 - 1) / 2) * D")).toBe("4 * B * S * D");
    expect(evaluateFormula("min(S, w) * floor(S / 3) + log(1)", { S: 10, w: 4 })).toBe(12);
  });

  it("puts formulas in place of symbols all at once, in brackets where they are sums", () => {
    expect(formulaText(substitute("T * k - k", { T: "B + k", k: 7 }))).toBe("(B + k) * 7 - 7");
    expect(formulaText(substitute("d * V", { V: 201_088 }))).toBe("d * 201088");
  });

  it("differentiates by one symbol", () => {
    const formula = parseFormula("32 * (B * S * c + a) / BW");
    expect(evaluateFormula(differentiate(formula, "S"), { B: 2, S: 5, c: 3, a: 1, BW: 4 })).toBe(48);
    expect(derivativeText(formula, "S")).toBe("32 * c * B / BW");
    const power = differentiate(parseFormula("E * (1 - (1 - k / E)^T)"), "T");
    expect(evaluateFormula(power, { E: 8, k: 2, T: 3 })).toBeCloseTo(-8 * 0.75 ** 3 * Math.log(0.75), 12);
  });

  it("has no way to mathjs's import, units, evaluation or host", () => {
    for (const text of ["import({ a: 1 })", 'createUnit("a")', 'evaluate("1")', 'help("min")']) {
      expect(() => evaluateFormula(text, {}), text).toThrow(/Undefined function/);
    }
    expect(() => evaluateFormula("min.constructor", {})).toThrow();
  });
});
