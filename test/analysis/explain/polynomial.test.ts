import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  add,
  constant,
  evaluate,
  expand,
  fractionText,
  inverse,
  monomial,
  multiplyTerms,
  type Polynomial,
  powersText,
  sumOver,
  termText,
} from "../../../src/analysis/explain/polynomial.ts";

const symbol = (name: string): Polynomial => [monomial(1, { [name]: 1 })];
const values = { b: symbol("b"), n: symbol("n"), d: symbol("d"), h: symbol("h") };
const text = (polynomial: Polynomial): string => polynomial.map(termText).join(" + ");

describe("expand", () => {
  it("multiplies out", () => {
    expect(text(expand("b * (n + d) * 2 - b * d", values))).toBe("2 b n + b d");
    expect(text(expand("(d + n) / h", values))).toBe("d / h + n / h");
    expect(text(expand("-(b - b)", values))).toBe("");
    expect(text(expand("0 * d + 3", values))).toBe("3");
  });

  it("agrees with arithmetic", () => {
    const number = fc.integer({ min: 1, max: 50 });
    fc.assert(
      fc.property(number, number, number, number, (b, n, d, h) => {
        const formula = (B: number, N: number, D: number, H: number) =>
          (3 * B * (N * D - (N * (N - 1)) / 2) * (D + 2)) / H;
        const expanded = expand("3 * b * (n * d - n * (n - 1) / 2) * (d + 2) / h", values);
        expect(evaluate(expanded, { b, n, d, h })).toBeCloseTo(formula(b, n, d, h), 6);
      }),
    );
  });

  it("refuses what is no sum of products", () => {
    expect(() => expand("min(b, n)", values)).toThrow("cannot expand min(b, n)");
    expect(() => expand("1 / (b + n)", values)).toThrow("cannot expand");
    expect(() => expand("b ^ n", values)).toThrow("cannot expand");
    expect(() => expand("b * x", values)).toThrow("no value for x");
  });
});

describe("sumOver", () => {
  it("sums powers of s over 1 … n", () => {
    const polynomial = [monomial(2, { s: 2, b: 1 }), monomial(1, { s: 1 }), monomial(5, {})];
    const sum = sumOver(polynomial, "s", "n");
    for (const n of [1, 2, 9]) {
      let expected = 0;
      for (let s = 1; s <= n; s++) expected += 2 * s * s * 7 + s + 5;
      expect(evaluate(sum, { b: 7, n })).toBeCloseTo(expected, 9);
    }
    expect(() => sumOver([monomial(1, { s: 3 })], "s", "n")).toThrow("no sum for");
  });
});

describe("terms", () => {
  it("cancel, invert and print", () => {
    expect(add(constant(2), constant(-2))).toEqual([]);
    expect(constant(0)).toEqual([]);
    const term = monomial(1 / 8, { n: 1, d: -1, h: -1 });
    expect(termText(term)).toBe("n / (8 d h)");
    expect(termText(monomial(7 / 4, { d: -1 }))).toBe("7 / (4 d)");
    expect(termText(monomial(3, { n: 1, d: -1 }))).toBe("3 n / d");
    expect(termText(monomial(1, { b: -1 }))).toBe("1 / b");
    expect(termText(monomial(5 / 2, { n: 2, b: 1, h: 1 }))).toBe("5/2 b n^2 h");
    expect(termText(inverse(monomial(4, {})))).toBe("1/4");
    expect(powersText(multiplyTerms(term, monomial(1, { d: 1 })).exponents)).toBe("n / h");
    expect(fractionText(Math.PI)).toBe(String(Math.PI));
    expect(fractionText(-2)).toBe("-2");
  });
});
