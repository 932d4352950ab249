import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeAttention } from "../../../src/timing/kernels/decode-attention.ts";
import { asFlashAttention2, decodeAttentionStructure } from "../../../src/timing/kernels/decode-attention-kernels.ts";
import type { DecodeAttentionCall } from "../../../src/timing/kernels/kernel-calls.ts";
import { crossValidate } from "../../../src/validation/cross-validate.ts";
import type { FormSample } from "../../../src/validation/fit-form.ts";
import { arbitraryParameters, h100Machine, parametersOf, timed } from "../../fixtures/kernel-forms.ts";
import { h100Tables } from "../../fixtures/measurements.ts";

const call: DecodeAttentionCall = {
  batch: 16,
  heads: 32,
  kvHeads: 8,
  headDim: 128,
  rows: 4096,
  windowed: false,
  cold: true,
  kvBytesPerElement: 2,
  activationBytesPerElement: 2,
  peakFlopsPerSecond: 803e12,
};

const starts = parametersOf(decodeAttention);

function seconds(values: ArrayLike<number>, changed: Partial<DecodeAttentionCall> = {}, machine = h100Machine): number {
  return timed(decodeAttention, values, { ...call, ...changed }, machine).seconds;
}

const anyValues = arbitraryParameters(decodeAttention);

const anyCall = fc.record({
  batch: fc.integer({ min: 1, max: 100_000 }),
  group: fc.integer({ min: 1, max: 128 }),
  kvHeads: fc.integer({ min: 1, max: 128 }),
  headDim: fc.constantFrom(64, 80, 128, 192, 256, 512),
  rows: fc.integer({ min: 1, max: 10_000_000 }),
  windowed: fc.boolean(),
  cold: fc.boolean(),
  kvBytesPerElement: fc.constantFrom(0.5, 1, 2, 4),
});

type AnyCall = typeof anyCall extends fc.Arbitrary<infer Value> ? Value : never;

function callOf({ group, ...others }: AnyCall): DecodeAttentionCall {
  return { ...call, ...others, heads: group * others.kvHeads };
}

describe("decode attention", () => {
  test("one block of one tile is start-up, block and knees of small things: by hand", () => {
    const known = { startSeconds: 5e-6, blockSeconds: 1e-6, wideBlockSeconds: 1e-6, sequenceSeconds: 1e-12 };
    const lone = { batch: 1, heads: 1, kvHeads: 1, rows: 1 };
    // d = 1: 2 µs a block, under which memory and tiles (0.3 × 128 · 128 · 64 · 4 FLOPs at 803e12 / 132) vanish.
    expect(seconds(parametersOf(decodeAttention, { ...known, blockKnee: 1e-3, tileKnee: 1e-3 }), lone)).toBeCloseTo(
      7e-6,
      10,
    );
    expect(seconds(parametersOf(decodeAttention, known), lone)).toBeGreaterThan(7e-6);
  });

  test("many rows are read at 95 % of the ceiling", () => {
    const rows = 4_000_000;
    const sharp = parametersOf(decodeAttention, { tileKnee: 1e-3 });
    const slope = (seconds(sharp, { rows: 2 * rows }) - seconds(sharp, { rows })) / rows;
    const bytesPerRow = 2 * 16 * 8 * 128 * 2;
    expect(bytesPerRow / slope / 1e12).toBeCloseTo(2.93, 2);
  });

  test("a head count of 65 a K/V head takes a second tile of queries", () => {
    const blocks = parametersOf(decodeAttention, { blockSeconds: 1e-4, blockKnee: 1e-3 });
    const at = (group: number): number => seconds(blocks, { batch: 512, heads: 8 * group, rows: 128 });
    expect(at(65) / at(64)).toBeGreaterThan(1.9);
    expect(at(64) / at(33)).toBeLessThan(1.01);
  });

  test("a call that ran before finds in the cache what fits into it", () => {
    const small = { batch: 1, rows: 4096 };
    const large = { batch: 64, rows: 8192 };
    expect(seconds(starts, { ...small, cold: false })).toBeLessThan(seconds(starts, small));
    expect(seconds(starts, { ...large, cold: false }) / seconds(starts, large)).toBeCloseTo(1, 3);
    expect(seconds(starts, small, { ...h100Machine, cacheBytes: 0 })).toBe(seconds(starts, small));
  });

  test("more work never takes less time", () => {
    fc.assert(
      fc.property(anyValues, anyCall, fc.integer({ min: 2, max: 9 }), (values, any, times) => {
        const base = seconds(values, callOf(any));
        const more: Partial<AnyCall>[] = [
          { batch: any.batch + 1 },
          { batch: any.batch * times },
          { rows: any.rows + 1 },
          { rows: any.rows * times },
          { kvHeads: any.kvHeads * times },
          { kvBytesPerElement: any.kvBytesPerElement * 2 },
          { windowed: true },
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

  test("is finite, at least the start-up and never above the read ceiling when cold", () => {
    fc.assert(
      fc.property(anyValues, anyCall, (values, any) => {
        const one = callOf({ ...any, cold: true });
        const kvBytes = 2 * one.batch * one.kvHeads * one.rows * one.headDim * one.kvBytesPerElement;
        const time = seconds(values, one);
        expect(Number.isFinite(time)).toBe(true);
        expect(time).toBeGreaterThan(values[0]!);
        expect(time).toBeGreaterThanOrEqual(kvBytes / (1.03 * h100Machine.bytesPerSecond));
      }),
    );
  });
});

describe("what is known of decode attention kernels", () => {
  test("names parameters of the form within their bounds", () => {
    for (const kernel of ["triton", "sdpa_flash", "sdpa_cudnn", "vllm_flash_attn_fa3", "vllm_flash_attn"]) {
      const structure = decodeAttentionStructure(kernel);
      expect(Object.keys(structure).length).toBeGreaterThan(0);
      for (const [name, value] of Object.entries(structure)) {
        const parameter = decodeAttention.parameters.find((one) => one.name === name);
        expect(parameter?.lowest).toBeLessThanOrEqual(value);
        expect(parameter?.highest).toBeGreaterThanOrEqual(value);
      }
    }
    expect(decodeAttentionStructure("unheard of")).toEqual({});
    expect(decodeAttentionStructure(null)).toEqual({});
  });

  test("FlashAttention 2 adds small kernels to groups and splits, and splits no lone heads", () => {
    const plain = parametersOf(decodeAttention, { regroupSeconds: 1e-9 });
    const older = asFlashAttention2(plain, 2.5e-6);
    const grouped = { batch: 2, rows: 128 };
    expect(seconds(older, grouped) - seconds(plain, grouped)).toBeCloseTo(5e-6, 8);
    const single = { batch: 1, rows: 128 * 64 };
    expect(seconds(older, single) - seconds(plain, single)).toBeCloseTo(2.5e-6 * (1 - 1 / 32), 8);
    const ungrouped = { batch: 1, heads: 1, kvHeads: 1, rows: 100_000 };
    expect(seconds(older, ungrouped)).toBeGreaterThan(5 * seconds(plain, ungrouped));
  });
});

test("the H100's Triton kernel at a K/V head count that the fit never saw: median under 4 %, none 25 % off", () => {
  const samples = h100Tables.flatMap(({ rows }) =>
    rows.flatMap((row): FormSample<DecodeAttentionCall>[] =>
      row.kind === "attention" && row.kernel === "triton"
        ? [
            {
              call: {
                ...call,
                batch: row.batch,
                heads: row.heads,
                kvHeads: row.kvHeads,
                headDim: row.headDim,
                rows: row.context,
              },
              seconds: row.seconds,
              group: String(row.kvHeads),
            },
          ]
        : [],
    ),
  );
  const held = crossValidate(decodeAttention, samples, h100Machine, 8, { fixed: decodeAttentionStructure("triton") });
  const errors = held
    .map(({ sample, predictedSeconds }) => Math.abs(predictedSeconds / sample.seconds - 1))
    .sort((a, b) => a - b);
  expect(errors).toHaveLength(336);
  expect(errors[168]).toBeLessThan(0.04);
  expect(errors.at(-1)).toBeLessThan(0.25);
});
