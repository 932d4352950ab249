/** The paper's three ratios, from the project's own counts. Source of the forms: Shazeer 2019, sections 2.3, 2.4.1 and 3.1. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  attentionLayer,
  type LayerNumbers,
  type LayerSetting,
  layerPoint,
} from "../../../src/analysis/explain/attention-layer.ts";
import { bounds, layerPolynomials, memoryRatios } from "../../../src/analysis/explain/memory-ratio.ts";
import { add, evaluate, monomial, type Polynomial } from "../../../src/analysis/explain/polynomial.ts";
import { emptyCounts } from "../../../src/operations/operation.ts";

const settings: readonly LayerSetting[] = [false, true].flatMap((multiQuery) =>
  [false, true].flatMap((incremental) =>
    [false, true].map((materialized) => ({ multiQuery, incremental, materialized })),
  ),
);

const numbers: fc.Arbitrary<LayerNumbers & { k: number }> = fc
  .record({
    b: fc.integer({ min: 1, max: 64 }),
    n: fc.integer({ min: 1, max: 40 }),
    h: fc.integer({ min: 1, max: 32 }),
    k: fc.integer({ min: 1, max: 128 }),
  })
  .map(({ b, n, h, k }) => ({ b, n, h, k, d: h * k }));

/** The layer's operations counted call by call. */
function counted(setting: LayerSetting, x: LayerNumbers): { arithmetic: number; memory: number } {
  let arithmetic = 0;
  let memory = 0;
  const calls = setting.incremental ? x.n : 1;
  for (let s = 1; s <= calls; s++) {
    for (const operation of attentionLayer(setting)) {
      const counts = emptyCounts();
      operation.definition.count(operation.shape(x), layerPoint(x, setting.incremental, s), counts);
      arithmetic += counts.flops;
      memory += counts.weightBytes + counts.kvBytes + counts.activationBytes;
    }
  }
  return { arithmetic, memory };
}

/** In whole numbers: d = h k, so that d over h leaves no rounding. */
function exactly(polynomial: Polynomial, x: LayerNumbers & { k: number }): number {
  return polynomial.reduce((sum, { coefficient, exponents }) => {
    const power = (symbol: string): number => exponents.get(symbol) ?? 0;
    expect(power("d") + power("h")).toBeGreaterThanOrEqual(0);
    return (
      sum + coefficient * x.b ** power("b") * x.n ** power("n") * x.k ** power("d") * x.h ** (power("d") + power("h"))
    );
  }, 0);
}

describe("the layer's polynomials", () => {
  it("equal the counts, call by call, to the last element", () => {
    fc.assert(
      fc.property(fc.constantFrom(...settings), numbers, (setting, x) => {
        const { arithmetic, memory } = layerPolynomials(setting);
        const real = counted(setting, x);
        expect(exactly(add(...arithmetic.map((part) => part.polynomial)), x)).toBe(real.arithmetic);
        expect(exactly(add(...memory.map((part) => part.polynomial)), x)).toBe(real.memory);
      }),
      { numRuns: 120 },
    );
  });

  it("have symbols that come to the operations' own", () => {
    fc.assert(
      fc.property(fc.constantFrom(...settings), numbers, (setting, x) => {
        const s = Math.max(1, x.n - 1);
        for (const operation of attentionLayer(setting)) {
          const own = operation.definition.symbols(operation.shape(x), layerPoint(x, setting.incremental, s));
          for (const [symbol, value] of Object.entries(own)) {
            expect(evaluate(operation.symbols[symbol]!, { ...x, s }), `${operation.name} ${symbol}`).toBeCloseTo(
              value,
              6,
            );
          }
        }
      }),
      { numRuns: 30 },
    );
  });
});

describe("memoryRatios", () => {
  const [batched, multiHead, multiQuery] = memoryRatios();

  it("have the paper's form", () => {
    expect(batched).toMatchObject({ paper: "O(1/k + 1/(b n))", matches: true, leading: "8 b n d^2" });
    expect(multiHead).toMatchObject({ form: "Θ(n / d + 1 / b)", paper: "Θ(n/d + 1/b)", matches: true });
    expect(multiQuery).toMatchObject({
      form: "Θ(1 / d + n / (d h) + 1 / b)",
      paper: "Θ(1/d + n/(d h) + 1/b)",
      matches: true,
    });
  });

  it("have the paper's memory access: the terms of its table", () => {
    const powers = (terms: readonly { exponents: Readonly<Record<string, number>> }[]) =>
      terms.map((term) => term.exponents);
    // O(b n d + b h n² + d²)
    expect(powers(batched!.memory)).toEqual(
      expect.arrayContaining([{ b: 1, n: 1, d: 1 }, { b: 1, h: 1, n: 2 }, { d: 2 }]),
    );
    expect(batched!.memory).toHaveLength(3);
    // Θ(b n² d + n d²), and the activations' b n d, which it leaves out
    expect(powers(multiHead!.memory)).toEqual(
      expect.arrayContaining([
        { b: 1, n: 2, d: 1 },
        { n: 1, d: 2 },
        { b: 1, n: 1, d: 1 },
      ]),
    );
    expect(multiHead!.memory).toHaveLength(3);
    // Θ(b n d + b n² k + n d²) with k = d / h
    expect(powers(multiQuery!.memory)).toEqual(
      expect.arrayContaining([
        { b: 1, n: 1, d: 1 },
        { b: 1, n: 2, d: 1, h: -1 },
        { n: 1, d: 2 },
      ]),
    );
  });

  it("say what each term comes from and what bounds those that are dropped", () => {
    expect(multiHead!.memory.find((term) => term.text === "b n^2 d")?.from).toEqual(["attention: K/V"]);
    expect(multiHead!.ratio.map(({ text, boundedBy }) => [text, boundedBy])).toEqual([
      ["1 / (2 b)", null],
      ["13 / (8 d)", "n / d"],
      ["n / (8 d)", null],
    ]);
  });
});

describe("bounds", () => {
  it("holds wherever 1 ≤ n ≤ d and 1 ≤ h ≤ d, and fails somewhere where it says no", () => {
    const exponent = fc.integer({ min: -2, max: 2 });
    const term = fc.record({ b: exponent, n: exponent, d: exponent, h: exponent });
    fc.assert(
      fc.property(term, term, (one, other) => {
        const value = (powers: typeof one, at: LayerNumbers): number =>
          at.b ** powers.b * at.n ** powers.n * at.d ** powers.d * at.h ** powers.h;
        const big = 2 ** 30;
        const corners = [
          { b: big, n: 1, d: 1, h: 1 },
          { b: 1, n: 1, d: big, h: 1 },
          { b: 1, n: big, d: big, h: 1 },
          { b: 1, n: 1, d: big, h: big },
          { b: 1, n: big, d: big, h: big },
        ];
        const held = corners.every((at) => value(other, at) <= value(one, at));
        expect(bounds(monomial(1, one), monomial(1, other))).toBe(held);
      }),
    );
  });
});
