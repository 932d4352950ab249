/** Counts of attention while it runs, held equal to the cost model's to the last unit. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { countingProcessor } from "../../../src/kernels/reference/counting-processor.ts";
import { attentionCore } from "../../../src/operations/attention-core.ts";
import { emptyCounts } from "../../../src/operations/operation.ts";
import {
  activationBytes,
  anyAttentionCase,
  attend,
  attentionData,
  kvBytes,
  noReach,
  pointOf,
  shapeOf,
  stepPoint,
} from "./attention-case.ts";

const materialized = { kind: "materialized", activationBytesPerElement: activationBytes } as const;
const mqa = {
  heads: 4,
  kvHeads: 1,
  headDim: 8,
  contexts: [16],
  queryTokens: 1,
  sequencesPerCache: 1,
  mode: "causal" as const,
  reach: noReach,
  sinks: false,
  gate: false,
  seed: 3,
};

describe("attention counts itself as the cost model does", () => {
  it("MQA by hand: 16 rows of 2 × 8 elements are read once for 4 heads, 1024 multiply-adds", () => {
    const p = countingProcessor();
    attend(mqa, attentionData(mqa), { kind: "fused" }, p);
    expect(p.traffic("cache")).toEqual({ readElements: 16 * 16, writtenElements: 0 });
    expect(p.traffic("activations")).toEqual({ readElements: 32, writtenElements: 32 });
    expect(p.counts().matmulFlops).toBe(2 * 4 * 16 * 8 * 2);
    expect(p.counts().flops - p.counts().matmulFlops).toBe(4 * 16 * 5 + 32);
    expect(p.workAside()).toEqual({ flops: 0, readElements: 0 });
  });

  it("fused, in one block: MHA, GQA, MQA, windows, chunks, cross-attention, both ways, gates, sinks", () => {
    fc.assert(
      fc.property(anyAttentionCase, (c) => {
        const p = countingProcessor();
        attend(c, attentionData(c), { kind: "fused" }, p);
        const expected = emptyCounts();
        attentionCore.count(shapeOf(c, false), pointOf(c), expected);
        expect(p.counts()).toEqual(expected);
        if (!c.sinks) expect(p.workAside().flops).toBe(0);
      }),
      { numRuns: 300 },
    );
  });

  it("fused, in blocks: the same; rescaling is all that is added, at most D + 3 operations a block and query", () => {
    fc.assert(
      fc.property(anyAttentionCase, fc.integer({ min: 1, max: 6 }), (c, blockRows) => {
        const p = countingProcessor();
        attend(c, attentionData(c, 4), { kind: "fused", blockRows }, p);
        const expected = emptyCounts();
        attentionCore.count(shapeOf(c, false), pointOf(c), expected);
        expect(p.counts()).toEqual(expected);
        const aside = p.workAside();
        const blocks = Math.ceil(Math.max(...c.contexts) / blockRows);
        const queries = pointOf(c).tokens * c.heads;
        expect(aside.flops % (c.headDim + 3)).toBe(0);
        expect(aside.flops).toBeLessThanOrEqual((c.headDim + 3) * queries * blocks);
      }),
      { numRuns: 200 },
    );
  });

  it("materialised: logits and weights written and read, masked ones too", () => {
    fc.assert(
      fc.property(anyAttentionCase, (c) => {
        const p = countingProcessor();
        attend(c, attentionData(c), materialized, p);
        const expected = emptyCounts();
        attentionCore.count(shapeOf(c, true), pointOf(c), expected);
        expect(p.counts()).toEqual(expected);
        expect(p.workAside().flops).toBe(c.sinks ? 3 * pointOf(c).tokens * c.heads : 0);
      }),
      { numRuns: 300 },
    );
  });

  it("ragged lengths count as the sum over the sequences", () => {
    fc.assert(
      fc.property(
        anyAttentionCase,
        fc.array(fc.integer({ min: 4, max: 16 }), { minLength: 1, maxLength: 4 }),
        (given, contexts) => {
          const c = { ...given, mode: "causal" as const, sequencesPerCache: 1, contexts, sinks: false };
          const p = countingProcessor();
          attend(c, attentionData(c), { kind: "fused" }, p);
          const sum = emptyCounts();
          const each = emptyCounts();
          for (const context of contexts) {
            attentionCore.count(shapeOf(c, false), stepPoint(1, 1, c.queryTokens, context), each);
            for (const key of Object.keys(sum) as (keyof typeof sum)[]) sum[key] += each[key];
          }
          expect(p.counts()).toEqual(sum);
        },
      ),
    );
  });

  it("8 query heads a K/V head do 16 FLOPs an element read, one does 2", () => {
    const intensity = (kvHeads: number): number => {
      const c = { ...mqa, heads: 8, kvHeads };
      const p = countingProcessor();
      attend(c, attentionData(c), { kind: "fused" }, p);
      return p.counts().matmulFlops / p.counts().kvBytes;
    };
    expect(intensity(1) * kvBytes).toBe(16);
    expect(intensity(8) * kvBytes).toBe(2);
  });
});
