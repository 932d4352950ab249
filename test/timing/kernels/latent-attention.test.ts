import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { LatentAttentionCall } from "../../../src/timing/kernels/kernel-calls.ts";
import { latentAttention } from "../../../src/timing/kernels/latent-attention.ts";
import { arbitraryParameters, h100Machine, parametersOf, timed } from "../../fixtures/kernel-forms.ts";

const decode: LatentAttentionCall = {
  batch: 16,
  heads: 16,
  queryTokens: 1,
  context: 4096,
  absorbed: true,
  cold: true,
  latentDim: 512,
  ropeDim: 64,
  nopeDim: 128,
  valueDim: 128,
  kvBytesPerElement: 2,
  activationBytesPerElement: 2,
  peakFlopsPerSecond: 803e12,
};

const starts = parametersOf(latentAttention);

function seconds(values: ArrayLike<number>, changed: Partial<LatentAttentionCall> = {}, machine = h100Machine): number {
  return timed(latentAttention, values, { ...decode, ...changed }, machine).seconds;
}

const anyValues = arbitraryParameters(latentAttention);

const anyCall = fc.record({
  batch: fc.integer({ min: 1, max: 100_000 }),
  heads: fc.integer({ min: 1, max: 256 }),
  queryTokens: fc.integer({ min: 1, max: 100_000 }),
  before: fc.integer({ min: 0, max: 10_000_000 }),
  absorbed: fc.boolean(),
  cold: fc.boolean(),
  kvBytesPerElement: fc.constantFrom(0.5, 1, 2),
});

type AnyCall = typeof anyCall extends fc.Arbitrary<infer Value> ? Value : never;

function callOf({ before, ...others }: AnyCall): LatentAttentionCall {
  return { ...decode, ...others, context: others.queryTokens + before };
}

describe("latent attention", () => {
  test("absorbed with few heads, many rows are read once for all of them", () => {
    const rows = 1_000_000;
    const slope = (seconds(starts, { context: 2 * rows }) - seconds(starts, { context: rows })) / rows;
    const bytesPerRow = 16 * (512 + 64) * 2;
    expect(bytesPerRow / slope / 3.085e12).toBeGreaterThan(0.9);
    expect(bytesPerRow / slope / 3.085e12).toBeLessThan(0.95);
  });

  test("absorbed with 128 heads it multiplies as long as it reads", () => {
    const many = { batch: 1024, heads: 128, context: 100_000 };
    const flops = 2 * 1024 * 128 * 100_000 * (2 * 512 + 64);
    expect(flops / seconds(starts, many)).toBeLessThan(803e12 / 1.1);
    expect(flops / seconds(starts, many)).toBeGreaterThan(0.7 * 803e12);
    expect(seconds(starts, many) / seconds(starts, { ...many, heads: 16 })).toBeGreaterThan(1.1);
  });

  test("prefill of long prompts runs at the peak over the tile's share", () => {
    const prompt = { absorbed: false, heads: 128, batch: 1, queryTokens: 262_144, context: 262_144 };
    const flops = 128 * 262_144 ** 2 * (192 + 128);
    expect(flops / seconds(starts, prompt) / 1e12).toBeCloseTo(730, -1);
  });

  test("rows that the cache still holds come faster than from memory", () => {
    const small = { batch: 4, context: 4096 };
    expect(seconds(starts, { ...small, cold: false })).toBeLessThan(seconds(starts, small));
    expect(seconds(starts, { ...small, cold: false }, { ...h100Machine, cacheBytes: 0 })).toBe(seconds(starts, small));
  });

  test("more work never takes less time", () => {
    fc.assert(
      fc.property(anyValues, anyCall, fc.integer({ min: 2, max: 9 }), (values, any, times) => {
        const base = seconds(values, callOf(any));
        const more: Partial<AnyCall>[] = [
          { batch: any.batch * times },
          { heads: any.heads + 1 },
          { heads: any.heads * times },
          { queryTokens: any.queryTokens * times },
          { before: any.before + times },
          { before: any.before * times },
          { kvBytesPerElement: any.kvBytesPerElement * 2 },
          { cold: true },
        ];
        for (const change of more) {
          expect(seconds(values, callOf({ ...any, ...change }))).toBeGreaterThanOrEqual(base * (1 - 1e-9));
        }
        const slower = { ...h100Machine, bytesPerSecond: h100Machine.bytesPerSecond / times };
        expect(seconds(values, callOf(any), slower)).toBeGreaterThanOrEqual(base * (1 - 1e-9));
      }),
    );
  });

  test("is finite, above the start-up and below the read ceiling", () => {
    fc.assert(
      fc.property(anyValues, anyCall, (values, any) => {
        const one = callOf({ ...any, absorbed: true, cold: true });
        const rowBytes = one.batch * one.context * (512 + 64) * one.kvBytesPerElement;
        const time = seconds(values, one);
        expect(Number.isFinite(time)).toBe(true);
        expect(time).toBeGreaterThan(values[0]!);
        expect(time).toBeGreaterThanOrEqual(rowBytes / (1.03 * h100Machine.bytesPerSecond));
        expect(Number.isFinite(seconds(values, callOf({ ...any, absorbed: false })))).toBe(true);
      }),
    );
  });
});
