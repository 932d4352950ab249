import fc from "fast-check";
import { evaluate } from "mathjs";
import { describe, expect, test } from "vitest";
import {
  type Reach,
  spanFormulas,
  spanSymbols,
  visiblePairs,
  visibleRows,
} from "../../src/operations/attention-span.ts";

/** Walks over every new token and every key it may see. */
function walk(queryTokens: number, context: number, reach: Reach): { pairs: number; rows: number } {
  let pairs = 0;
  const rows = new Set<number>();
  for (let token = context - queryTokens + 1; token <= context; token++) {
    for (let key = 1; key <= token; key++) {
      if (reach.window !== null && key <= token - reach.window) continue;
      if (reach.chunk !== null && Math.floor((key - 1) / reach.chunk) !== Math.floor((token - 1) / reach.chunk))
        continue;
      pairs++;
      rows.add(key);
    }
  }
  return { pairs, rows: rows.size };
}

const reaches = fc.oneof(
  fc.constant({ window: null, chunk: null }),
  fc.integer({ min: 1, max: 40 }).map((window) => ({ window, chunk: null })),
  fc.integer({ min: 1, max: 40 }).map((chunk) => ({ window: null, chunk })),
);

describe("which keys the new tokens see", () => {
  test("one new token sees the whole context, a window of 32 sees 32, the first of a chunk itself", () => {
    expect(visiblePairs(1, 1024, { window: null, chunk: null })).toBe(1024);
    expect(visiblePairs(1, 1024, { window: 32, chunk: null })).toBe(32);
    expect(visibleRows(1, 8193, { window: null, chunk: 8192 })).toBe(1);
    expect(visibleRows(1, 8192, { window: null, chunk: 8192 })).toBe(8192);
  });

  test("the paper's local attention, 31 previous positions, is a window of 32", () => {
    expect(visibleRows(1, 128, { window: 32, chunk: null })).toBe(32);
  });

  test("pairs and rows equal a walk over tokens and keys", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 0, max: 60 }), reaches, (q, earlier, reach) => {
        const context = q + earlier;
        const expected = walk(q, context, reach);
        expect(visiblePairs(q, context, reach)).toBe(expected.pairs);
        // Rows between the first and the last visible one are contiguous for all three reaches.
        expect(visibleRows(q, context, reach)).toBe(expected.rows);
      }),
      { numRuns: 400 },
    );
  });

  test("the formulas say the same", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 0, max: 60 }), reaches, (q, earlier, reach) => {
        const scope = { Q: q, S: q + earlier, ...spanSymbols(reach) };
        const formulas = spanFormulas(reach);
        expect(evaluate(formulas.pairs, scope)).toBe(visiblePairs(q, q + earlier, reach));
        expect(evaluate(formulas.rows, scope)).toBe(visibleRows(q, q + earlier, reach));
      }),
      { numRuns: 200 },
    );
  });
});
