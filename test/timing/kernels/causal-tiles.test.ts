import fc from "fast-check";
import { expect, test } from "vitest";
import { causalTiles } from "../../../src/timing/kernels/causal-tiles.ts";

test("counts a triangle, one on a rectangle, and one cut by a window", () => {
  expect(causalTiles(4, 0, Infinity)).toBe(10);
  expect(causalTiles(4, 2, Infinity)).toBe(18);
  expect(causalTiles(4, 2, 4)).toBe(15);
  expect(causalTiles(4, 7, 2)).toBe(8);
});

test("is the sum over the blocks", () => {
  const count = fc.integer({ min: 0, max: 60 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), count, fc.integer({ min: 1, max: 90 }), (blocks, shared, most) => {
      let sum = 0;
      for (let i = 1; i <= blocks; i++) sum += Math.min(shared + i, most);
      expect(causalTiles(blocks, shared, most)).toBe(sum);
    }),
  );
});
