import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bf16Bits, f16Bits } from "../../src/kernels/half-precision.ts";
import { f16Value } from "../../src/kernels/webgpu/unstored-row.ts";

describe("f16Bits", () => {
  it.each([
    [0, 0],
    [-0, 0x8000],
    [1, 0x3c00],
    [-2, 0xc000],
    [65_504, 0x7bff],
    [65_519.99, 0x7bff],
    [65_520, 0x7c00],
    [-1e9, 0xfc00],
    [2 ** -24, 1],
    [2 ** -25, 0],
    [1.5 * 2 ** -24, 2],
    [2 ** -14, 0x0400],
    [1 + 2 ** -11, 0x3c00],
    [1 + 3 * 2 ** -11, 0x3c02],
    [Number.NaN, 0x7e00],
    [2 - 2 ** -12, 0x4000],
  ])("%d is %d", (value, bits) => {
    expect(f16Bits(value)).toBe(bits);
  });

  it("is undone by f16Value for every finite number, and rounds to the nearest", () => {
    const finite = Array.from({ length: 0x7c00 }, (_, bits) => bits);
    expect(finite.map((bits) => f16Bits(f16Value(bits)))).toEqual(finite);
    expect(f16Value(0x7c00)).toBe(Number.POSITIVE_INFINITY);
    expect(f16Value(0x7e00)).toBeNaN();
    fc.assert(
      fc.property(fc.double({ min: -65_000, max: 65_000, noNaN: true }), (x) => {
        const bits = f16Bits(x);
        const off = Math.abs(f16Value(bits) - x);
        for (const neighbour of [bits - 1, bits + 1]) {
          const other = f16Value(neighbour & 0xffff);
          if (Number.isFinite(other)) expect(off).toBeLessThanOrEqual(Math.abs(other - x));
        }
      }),
    );
  });
});

describe("bf16Bits", () => {
  it.each([
    [1, 0x3f80],
    [-2, 0xc000],
    [1 + 2 ** -8, 0x3f80],
    [1 + 3 * 2 ** -8, 0x3f82],
    [1 + 2 ** -8 + 2 ** -16, 0x3f81],
  ])("%d is %d", (value, bits) => {
    expect(bf16Bits(value)).toBe(bits);
  });
});
