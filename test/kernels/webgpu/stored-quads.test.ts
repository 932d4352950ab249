import { describe, expect, it } from "vitest";
import { isGpuFormat, rowScale, storedBytes, storeRow, storeScale } from "../../../src/kernels/webgpu/stored-quads.ts";
import { unstoredRow } from "../../../src/kernels/webgpu/unstored-row.ts";
import { seededRandom } from "../../../src/quantity/seeded-random.ts";

describe("stored rows", () => {
  it("take whole quads of 16, 8, 8 and 4 bytes", () => {
    const bytes = (["f32", "f16", "bf16", "int8"] as const).map((format) => storedBytes(format, 3, 5));
    expect(bytes).toEqual([96, 48, 48, 24]);
    expect(isGpuFormat("f64")).toBe(false);
  });

  it.each([
    ["f32", 2 ** -24],
    ["f16", 2 ** -11],
    ["bf16", 2 ** -8],
  ] as const)("come back from %s within half a unit of their last place", (format, relative) => {
    const values = seededRandom(1).normals(14);
    const into = new ArrayBuffer(storedBytes(format, 2, 7));
    for (const row of [0, 1]) storeRow(into, format, row, values, row * 7, 7);
    for (const row of [0, 1]) {
      for (const [i, value] of unstoredRow(into, format, row, 7, undefined).entries()) {
        const exact = values[row * 7 + i] as number;
        expect(Math.abs(value - exact)).toBeLessThanOrEqual(relative * Math.abs(exact));
      }
    }
  });

  it("come back from int8 within half a scale, rows of zeros as zeros", () => {
    const values = Float64Array.of(0.5, -2, 1.27, 0.1, 3, 0, 0, 0, 0, 0);
    const into = new ArrayBuffer(storedBytes("int8", 2, 5));
    const scales = new ArrayBuffer(8);
    for (const row of [0, 1]) {
      storeRow(into, "int8", row, values, row * 5, 5);
      storeScale(scales, row, values, row * 5, 5);
    }
    expect(rowScale(values, 0, 5)).toBeCloseTo(3 / 127, 7);
    unstoredRow(into, "int8", 0, 5, scales).forEach((value, i) => {
      expect(Math.abs(value - (values[i] as number))).toBeLessThanOrEqual(1.5 / 127 + 1e-6);
    });
    expect([...unstoredRow(into, "int8", 1, 5, scales)]).toEqual([0, 0, 0, 0, 0]);
  });
});
