import { expect, test } from "vitest";
import { matrixSeconds, tileCost } from "../../../src/timing/kernels/matrix-product.ts";

test("inputs and weights are read once, outputs written once, each at its share of the ceiling", () => {
  const call = { m: 2, n: 30, k: 100, inputBytesPerElement: 2, weightBytesPerElement: 1, outputBytesPerElement: 4 };
  const seconds = matrixSeconds({ ...call, peakFlopsPerSecond: 1e12 }, 1e9, 0.5, 0.25);
  expect(seconds).toBeCloseTo((2 * 100 * 2 + 30 * 100) / 0.5e9 + (2 * 30 * 4) / 0.25e9, 15);
});

test("a tile costs its area and its sides", () => {
  expect(tileCost(64, 128, 4)).toBe(64 * 128 + 4 * (64 + 128));
});
