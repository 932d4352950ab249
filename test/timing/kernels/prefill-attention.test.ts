import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { PrefillAttentionCall } from "../../../src/timing/kernels/kernel-calls.ts";
import { prefillAttention } from "../../../src/timing/kernels/prefill-attention.ts";
import { prefillAttentionStructure } from "../../../src/timing/kernels/prefill-attention-kernels.ts";
import { arbitraryParameters, h100Machine, parametersOf, timed } from "../../fixtures/kernel-forms.ts";

const call: PrefillAttentionCall = {
  batch: 4,
  heads: 32,
  kvHeads: 8,
  headDim: 128,
  queryTokens: 2048,
  context: 2048,
  window: Infinity,
  kvBytesPerElement: 2,
  activationBytesPerElement: 2,
  peakFlopsPerSecond: 803e12,
};

const starts = parametersOf(prefillAttention);

function seconds(
  values: ArrayLike<number>,
  changed: Partial<PrefillAttentionCall> = {},
  machine = h100Machine,
): number {
  return timed(prefillAttention, values, { ...call, ...changed }, machine).seconds;
}

const anyValues = arbitraryParameters(prefillAttention);

const anyCall = fc.record({
  batch: fc.integer({ min: 1, max: 100_000 }),
  group: fc.integer({ min: 1, max: 128 }),
  kvHeads: fc.integer({ min: 1, max: 128 }),
  headDim: fc.constantFrom(64, 80, 128, 192, 256, 512),
  queryTokens: fc.integer({ min: 1, max: 1_000_000 }),
  before: fc.integer({ min: 0, max: 9_000_000 }),
  window: fc.oneof(fc.constant(Infinity), fc.integer({ min: 1, max: 100_000 })),
  kvBytesPerElement: fc.constantFrom(0.5, 1, 2, 4),
});

type AnyCall = typeof anyCall extends fc.Arbitrary<infer Value> ? Value : never;

function callOf({ group, before, ...others }: AnyCall): PrefillAttentionCall {
  return { ...call, ...others, heads: group * others.kvHeads, context: others.queryTokens + before };
}

describe("prefill attention", () => {
  test("one block of one tile on a machine of one processor: by hand", () => {
    const one = { ...h100Machine, processors: 1, bytesPerSecond: 1e30 };
    const values = parametersOf(prefillAttention, {
      ...{ startSeconds: 1e-5, blockSeconds: 2e-6, tileShare: 0.5, widthShare: 1, wideTileShare: 0.5 },
      ...{ waveKnee: 1e-3, memoryKnee: 1e-3, tokenSeconds: 1e-13 },
    });
    // Twice 4 · 128³ FLOPs at 8.388608e12 a second are 2 µs; two heads' blocks of 4 µs follow each other.
    const small = { batch: 1, heads: 2, kvHeads: 2, queryTokens: 128, context: 128, peakFlopsPerSecond: 8.388608e12 };
    expect(seconds(values, small, one)).toBeCloseTo(1.8e-5, 9);
  });

  test("long prompts run at the share of the peak that a tile's parts leave", () => {
    const queryTokens = 1_048_576;
    const flops = 2 * queryTokens * queryTokens * 32 * 128;
    const time = seconds(starts, { batch: 1, queryTokens, context: queryTokens });
    expect(flops / time / 803e12).toBeCloseTo(1 / 1.42, 2);
  });

  test("a window makes long prompts linear", () => {
    const windowed = { batch: 1, window: 1024 };
    const at = (queryTokens: number): number => seconds(starts, { ...windowed, queryTokens, context: queryTokens });
    expect(at(400_000) / at(200_000)).toBeCloseTo(2, 1);
    expect(seconds(starts, { window: 2048 })).toBe(seconds(starts));
    expect(seconds(starts, { window: 1024 })).toBeLessThan(seconds(starts));
  });

  test("packing shares a block among the queries of a group where they are few", () => {
    const few = { batch: 128, queryTokens: 16, context: 16, heads: 64 };
    const blocks = { blockSeconds: 1e-5, tokenSeconds: 1e-13 };
    const packed = seconds(parametersOf(prefillAttention, { ...blocks, packing: 1 }), few);
    const unpacked = seconds(parametersOf(prefillAttention, { ...blocks, packing: 1e-3 }), few);
    expect(unpacked / packed).toBeGreaterThan(5);
  });

  test("FlashAttention 3 packs groups and 2 does not", () => {
    const few = { batch: 128, queryTokens: 16, context: 16, heads: 64 };
    const of = (kernel: string | null): number =>
      seconds(parametersOf(prefillAttention, prefillAttentionStructure(kernel)), few);
    expect(of("vllm_flash_attn") / of("vllm_flash_attn_fa3")).toBeGreaterThan(2);
    expect(prefillAttentionStructure("unheard of")).toEqual({});
    expect(prefillAttentionStructure(null)).toEqual({});
  });

  test("a cache write costs by threads up to 512 elements a token, and by bytes far beyond", () => {
    const append = parametersOf(prefillAttention, { tokenSeconds: 1e-7 });
    const tokens = { batch: 256, queryTokens: 64, context: 64, heads: 64 };
    const extra = (kvHeads: number): number => {
      const call = { ...tokens, kvHeads };
      return seconds(append, call) - seconds(parametersOf(prefillAttention, { tokenSeconds: 1e-13 }), call);
    };
    expect(extra(4) / extra(2)).toBeCloseTo(2, 1);
    expect(extra(8) / extra(4)).toBeCloseTo(1, 1);
  });

  test("more work never takes less time", () => {
    fc.assert(
      fc.property(anyValues, anyCall, fc.integer({ min: 2, max: 9 }), (values, any, times) => {
        const base = seconds(values, callOf(any));
        const more: Partial<AnyCall>[] = [
          { batch: any.batch * times },
          { queryTokens: any.queryTokens + 1 },
          { queryTokens: any.queryTokens * times },
          { before: any.before + times },
          { kvHeads: any.kvHeads * times },
          { window: any.window * times },
          { kvBytesPerElement: any.kvBytesPerElement * 2 },
        ];
        for (const change of more) {
          expect(seconds(values, callOf({ ...any, ...change }))).toBeGreaterThanOrEqual(base * (1 - 1e-9));
        }
        const slower = { ...h100Machine, bytesPerSecond: h100Machine.bytesPerSecond / times };
        expect(seconds(values, callOf(any), slower)).toBeGreaterThanOrEqual(base * (1 - 1e-9));
      }),
    );
  });

  test("is finite, above the start-up and never faster than the peak without a window", () => {
    fc.assert(
      fc.property(anyValues, anyCall, (values, any) => {
        const one = callOf(any);
        const time = seconds(values, one);
        expect(Number.isFinite(time)).toBe(true);
        expect(time).toBeGreaterThan(values[0]!);
        const { batch, heads, headDim, queryTokens, context } = one;
        const rows = queryTokens * (context - (queryTokens - 1) / 2);
        const flops = one.window < context ? 0 : 4 * batch * heads * headDim * rows;
        expect(time).toBeGreaterThanOrEqual((flops / 803e12) * (1 - 1e-9));
      }),
    );
  });
});
