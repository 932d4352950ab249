import { describe, expect, it } from "vitest";
import type { KernelBackend } from "../../src/kernels/kernel.ts";
import { referenceBackend } from "../../src/kernels/reference/reference-backend.ts";
import { seededRandom } from "../../src/quantity/seeded-random.ts";
import { answerOf, attention } from "./conformance.ts";
import { partScales } from "./part-scales.ts";

const backend: KernelBackend = referenceBackend();

describe("the scale that a difference is held against", () => {
  it("is of one head's output: a sequence of one row, as large as its values, does not excuse one of 2000", async () => {
    const shape = { heads: 2, kvHeads: 2, headDim: 64, contexts: [2000, 1], format: "f32" } as const;
    const work = attention(seededRandom(1), shape);
    const scales = partScales(work, await answerOf(backend, work));
    const [long, short] = [scales.slice(0, 128), scales.slice(128)];
    expect(Math.max(...long)).toBeLessThan(Math.min(...short) / 8);
    // Two heads, a scale each.
    expect(new Set(long).size).toBe(2);
    expect(long[0]).toBe(long[63]);
  });

  it("of a linear layer is of one row, and no less than what such sums come to", async () => {
    const input = Float32Array.from([3, 4, 300, 400]);
    const weights = Float32Array.from([4, -3]);
    const shape = { kind: "linear", tokens: 2, inFeatures: 2, outFeatures: 1, format: "f32", bias: null } as const;
    const work = { ...shape, input, weights };
    const exact = await answerOf(backend, work);
    // The answers are nought by chance: |x| √(12.5) is 5 √12.5 and 500 √12.5.
    expect([...exact]).toEqual([0, 0]);
    expect(partScales(work, exact)[0]).toBeCloseTo(5 * Math.sqrt(12.5), 9);
    expect(partScales(work, exact)[1]).toBeCloseTo(500 * Math.sqrt(12.5), 9);
  });
});
