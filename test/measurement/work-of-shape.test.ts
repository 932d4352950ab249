import { describe, expect, it } from "vitest";
import { referenceBackend } from "../../src/kernels/reference/reference-backend.ts";
import { describeGridRow, describeShape } from "../../src/measurement/describe-grid-row.ts";
import { shapeBytes } from "../../src/measurement/shape-bytes.ts";
import { cacheBytesOf, rowTemperature } from "../../src/measurement/temperature.ts";
import { timingValues } from "../../src/measurement/timing-values.ts";
import { fillBytes, workOfShape } from "../../src/measurement/work-of-shape.ts";
import { attentionShape, elementwiseShapes, everyShape, linearShape, stepShape } from "./shapes.ts";

describe("workOfShape", () => {
  it.each(everyShape)("is work that the reference runs, with an answer of finite numbers: %#", async (shape) => {
    const prepared = await referenceBackend().prepare(workOfShape(shape));
    if (prepared.refused) throw new Error(prepared.reason);
    await prepared.run();
    const output = await prepared.output();
    expect(output.length).toBeGreaterThan(0);
    expect(output.every(Number.isFinite)).toBe(true);
    expect(output.some((value) => value !== 0)).toBe(true);
  });

  it("stores in the row's format, and refuses one that no backend has", () => {
    expect(workOfShape(attentionShape)).toMatchObject({ format: "bf16", contexts: [32, 32], queryTokens: 1 });
    expect(workOfShape({ ...linearShape, dtype: "bits:64" })).toMatchObject({ format: "f64" });
    expect(workOfShape(stepShape)).toMatchObject({ kind: "decode-step", batch: 2, context: 8 });
    expect(() => workOfShape({ ...linearShape, dtype: "mxfp4" })).toThrow("wants fp32, fp16, bf16, int8");
    const plain = elementwiseShapes.find(({ op }) => op === "feed-forward-activation");
    if (plain !== undefined) {
      expect(workOfShape({ ...plain, gated: false })).toMatchObject({ gated: false, activation: "relu" });
      expect(workOfShape({ ...plain, gated: true })).toMatchObject({ gated: true, activation: "silu" });
    }
    const whole = elementwiseShapes.find(({ op }) => op === "rotary-embedding");
    if (whole !== undefined) expect(workOfShape({ ...whole, headDim: null })).toMatchObject({ heads: 1, headDim: 32 });
  });

  it("fills with as many bytes as it says", () => {
    expect(fillBytes(attentionShape)).toBe(4 * 2 * 32 * 2 * 16);
    expect(fillBytes(linearShape)).toBe(4 * (32 + 3) * 16);
    expect(elementwiseShapes.map(fillBytes)).toEqual([512, 512, 512, 512, 4096]);
    expect(fillBytes(stepShape)).toBe(0);
  });
});

describe("shapeBytes", () => {
  it("counts by hand: K and V once, weights once, what a small kernel reads and writes", () => {
    expect(shapeBytes(attentionShape)).toMatchObject({ kv: 8192, moved: 8192 + 2 * 2 * 8 * 16 * 4 });
    expect(shapeBytes(linearShape)).toMatchObject({ weights: 512, moved: 512 + 3 * (16 + 32) * 4, matmulFlops: 3072 });
    // Norm: in, out and 32 weights; rotary: in and out; gated activation: two in, one out; residual: two in, one out;
    // append: fp32 read, bf16 written.
    const of = elementwiseShapes.map((shape) => shapeBytes(shape).moved);
    expect(of).toEqual([2 * 64 * 4 + 128, 2 * 64 * 4, 3 * 64 * 4, 3 * 64 * 4, 64 * 4 + 64 * 2]);
  });

  it("of a step holds more than it reads: the whole embedding table", () => {
    const { moved, held, weights } = shapeBytes(stepShape);
    expect(held).toBeGreaterThan(weights);
    expect(moved).toBeGreaterThan(weights);
  });
});

describe("rowTemperature", () => {
  const shape = { ...linearShape, dtype: "fp32", m: 1, k: 1000, n: 1000 };

  it("makes as many copies as pass the cache twice, and one where the data does so alone", () => {
    expect(rowTemperature(shape, "cold", 8e6)).toEqual({ cold: true, copies: 4 });
    expect(rowTemperature(shape, "auto", 60e6)).toEqual({ cold: true, copies: 30 });
    // 35 copies of 4 MB: more than 32 are made only where cold is asked for, and 8192 at most.
    expect(rowTemperature(shape, "auto", 70e6)).toEqual({ cold: false, copies: 1 });
    expect(rowTemperature(shape, "cold", 70e6)).toEqual({ cold: true, copies: 35 });
    expect(rowTemperature(shape, "cold", 17e9)).toEqual({ cold: false, copies: 1 });
    expect(rowTemperature(shape, "warm", 8e6)).toEqual({ cold: false, copies: 1 });
    expect(rowTemperature(shape, "warm", 1e6)).toEqual({ cold: true, copies: 1 });
  });
});

describe("cacheBytesOf", () => {
  it("takes 128 MiB for a GPU whatever the processor's cache, unless that is larger, as for a software adapter", () => {
    expect(cacheBytesOf("wasm", 1e6)).toBe(1e6);
    expect(cacheBytesOf("reference", 1e6)).toBe(1e6);
    expect(cacheBytesOf("webgpu", 1e6)).toBe(128 * 2 ** 20);
    expect(cacheBytesOf("webgpu", 1e9)).toBe(1e9);
  });
});

describe("timingValues", () => {
  it("are normal numbers of the length asked for, repeated, none of them denormal", () => {
    const values = timingValues(200_000);
    expect(values).toHaveLength(200_000);
    expect(values[65_537]).toBe(values[0]);
    expect(values[3 * 65_537 + 5]).toBe(values[5]);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(Math.abs(mean)).toBeLessThan(0.02);
    expect(values.every((value) => value === 0 || Math.abs(value) > 1e-30)).toBe(true);
    expect(timingValues(3)).toHaveLength(3);
    expect(timingValues(3, 2)).not.toEqual(timingValues(3));
  });
});

describe("describeShape", () => {
  it("says what is measured in a few words", () => {
    expect(everyShape.map(describeShape)).toEqual([
      "attention bf16 GQA 8/2 × 16, batch 2, context 32",
      "linear int8 3 × 16 × 32",
      "normalization fp32 2 × 32",
      "rotary-embedding fp32 2 × 32",
      "feed-forward-activation fp32 2 × 32",
      "residual fp32 2 × 32",
      "cache-append bf16 2 × 32",
      "step of small GQA 4/2 bf16, K/V int8, batch 2, context 8",
    ]);
    expect(describeShape({ ...stepShape, kvDtype: "bf16" })).toContain("GQA 4/2 bf16, batch");
    const row = { shape: linearShape, backend: "webgpu", threads: null, cold: true } as const;
    expect(describeGridRow(row)).toBe("webgpu: linear int8 3 × 16 × 32, cold");
  });
});
