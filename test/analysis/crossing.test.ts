import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { affineFlips, bisectedFlips, largestCrossing } from "../../src/analysis/crossing.ts";

describe("affineFlips", () => {
  it("solves a line", () => {
    expect(affineFlips((x) => x - 41.5, 1, [])).toEqual({ value: 42, until: null });
    expect(affineFlips((x) => x - 42, 1, [])).toEqual({ value: 42, until: null });
    expect(affineFlips((x) => 7 - x, 1, [])).toEqual({ value: 1, until: 8 });
    expect(affineFlips(() => -1, 1, [])).toEqual({ value: null, until: null });
    expect(affineFlips((x) => -x, 1, [])).toEqual({ value: null, until: null });
    expect(affineFlips(() => 0, 3, [])).toEqual({ value: 3, until: null });
  });

  it("finds a flip and back between two kinks", () => {
    // Rises to 1 at 10.5 and falls again: at least 0 for 10 and 11 alone.
    const peak = (x: number): number => 1 - 2 * Math.abs(x - 10.5);
    expect(affineFlips(peak, 1, [10.5])).toEqual({ value: 10, until: 12 });
    expect(affineFlips((x) => -peak(x) - 0.5, 1, [10.5])).toEqual({ value: 1, until: 10 });
  });

  it("counts what lies beyond the largest batch as never", () => {
    expect(affineFlips((x) => x * 1e-13 - 1e6, 1, [])).toEqual({ value: null, until: null });
    expect(affineFlips((x) => x - (largestCrossing - 5), 1, [])).toEqual({ value: largestCrossing - 5, until: null });
    expect(affineFlips((x) => x - 9, 1, [1e300, -4])).toEqual({ value: 9, until: null });
  });

  it("is exact on both sides for random lines with kinks", () => {
    const number = fc.double({ min: -1e6, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(number, number), { minLength: 1, maxLength: 4 }),
        number,
        fc.integer({ min: 1, max: 9 }),
        (lines, offset, from) => {
          const gap = (x: number): number => Math.max(...lines.map(([a, b]) => a * 1e-3 * x + b)) + offset;
          const kinks = lines.flatMap(([a, b]) =>
            lines.flatMap(([c, d]) => (a === c ? [] : [(d - b) / ((a - c) * 1e-3)])),
          );
          const { value, until } = affineFlips(gap, from, kinks);
          if (value === null) {
            for (const x of [from, from + 7, 1e4, 1e8, 1e12]) expect(gap(x)).toBeLessThan(0);
            return;
          }
          expect(gap(value)).toBeGreaterThanOrEqual(0);
          if (value > from) expect(gap(value - 1)).toBeLessThan(0);
          if (until === null) return;
          expect(gap(until)).toBeLessThan(0);
          expect(gap(until - 1)).toBeGreaterThanOrEqual(0);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe("bisectedFlips", () => {
  it("brackets and bisects", () => {
    expect(bisectedFlips((x) => x * x - 1000, 1)).toEqual({ value: 32, until: null });
    expect(bisectedFlips((x) => 1000 - x * x, 1)).toEqual({ value: 1, until: 32 });
    expect(bisectedFlips((x) => -1 / x, 1)).toEqual({ value: null, until: null });
    expect(bisectedFlips((x) => x - 2, 2)).toEqual({ value: 2, until: null });
  });

  it("finds the first flip of a sawtooth that grows", () => {
    // Rows that a token sees: a chunk of 100 so far, and a tenth of all before.
    const rows = (x: number): number => ((x - 1) % 100) + 1 + x / 10;
    for (const wanted of [3, 105, 119.5, 130, 555.5]) {
      const first = Array.from({ length: 10_000 }, (_, i) => i + 1).find((x) => rows(x) >= wanted);
      expect(bisectedFlips((x) => rows(x) - wanted, 1, 100).value).toBe(first);
    }
    const shifted = (x: number): number => ((x - 4) % 100) + 1 + x / 10;
    expect(bisectedFlips((x) => shifted(x) - 130, 4, 100, 3).value).toBe(
      Array.from({ length: 10_000 }, (_, i) => i + 4).find((x) => shifted(x) >= 130),
    );
  });

  it("is exact on both sides for random powers", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.3, max: 3, noNaN: true }),
        fc.double({ min: 1, max: 1e5, noNaN: true }),
        (power, level) => {
          const gap = (x: number): number => x ** power - level;
          const { value } = bisectedFlips(gap, 1);
          if (value === null) {
            expect(gap(largestCrossing)).toBeLessThan(0);
            return;
          }
          expect(gap(value)).toBeGreaterThanOrEqual(0);
          if (value > 1) expect(gap(value - 1)).toBeLessThan(0);
        },
      ),
    );
  });
});
