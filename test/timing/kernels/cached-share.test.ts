import fc from "fast-check";
import { expect, test } from "vitest";
import { cachedShare } from "../../../src/timing/kernels/cached-share.ts";

test("is 256/257 of half the capacity, a half of it whole, and nothing without one", () => {
  expect(cachedShare(1, 2)).toBe(256 / 257);
  expect(cachedShare(2, 2)).toBe(0.5);
  expect(cachedShare(4, 2)).toBe(1 / 257);
  expect(cachedShare(1, 0)).toBe(0);
  expect(cachedShare(1, Number.NaN)).toBe(0);
});

test("what is read grows with the bytes, whatever the cache's speed", () => {
  const anyBytes = fc.double({ min: 1, max: 1e15, noNaN: true });
  fc.assert(
    fc.property(anyBytes, anyBytes, fc.double({ min: 1, max: 1e3, noNaN: true }), (a, b, speed) => {
      const read = (bytes: number): number => bytes * (1 - cachedShare(bytes, 1e8) * (1 - 1 / speed));
      expect(read(Math.max(a, b))).toBeGreaterThanOrEqual(read(Math.min(a, b)) * (1 - 1e-12));
    }),
  );
});
