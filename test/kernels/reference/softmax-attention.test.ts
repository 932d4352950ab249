import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { visibleRange } from "../../../src/kernels/reference/attention-problem.ts";
import {
  type AttentionCase,
  anyAttentionCase,
  attend,
  attentionData,
  noReach,
  relativeError,
} from "./attention-case.ts";

const materialized = { kind: "materialized", activationBytesPerElement: 4 } as const;
const one: AttentionCase = {
  heads: 1,
  kvHeads: 1,
  headDim: 2,
  contexts: [2],
  queryTokens: 1,
  sequencesPerCache: 1,
  mode: "causal",
  reach: noReach,
  sinks: false,
  gate: false,
  seed: 1,
};

describe("attention", () => {
  it("gives what a head can compute: logits √2 ln 3 / √2 and 0, weights 3/4 and 1/4", () => {
    const data = {
      ...attentionData(one),
      queries: Float64Array.of(Math.SQRT2 * Math.log(3), 0),
      keys: Float64Array.of(1, 0, 0, 1),
      values: Float64Array.of(4, 0, 0, 8),
    };
    for (const kernel of [{ kind: "fused" }, { kind: "fused", blockRows: 1 }, materialized] as const) {
      const output = attend(one, data, kernel);
      expect(output[0]).toBeCloseTo(3, 14);
      expect(output[1]).toBeCloseTo(2, 14);
    }
  });

  it("averages values whose keys are equal, and passes a single row through", () => {
    const data = { ...attentionData(one), keys: Float64Array.of(1, 2, 1, 2), values: Float64Array.of(1, 5, 3, -5) };
    expect([...attend(one, data)]).toEqual([2, 0]);
    const single = { ...one, contexts: [1] };
    const row = attentionData(single);
    expect([...attend(single, row)]).toEqual([...row.values]);
  });

  it("is stable for logits of ±1e4: the largest wins, equal ones share", () => {
    const scale = Math.SQRT2 * 1e4;
    const big = { ...attentionData(one), queries: Float64Array.of(scale, 0), values: Float64Array.of(1, 2, 3, 4) };
    for (const kernel of [{ kind: "fused" }, { kind: "fused", blockRows: 1 }, materialized] as const) {
      expect([...attend(one, { ...big, keys: Float64Array.of(1, 0, -1, 0) }, kernel)]).toEqual([1, 2]);
      expect([...attend(one, { ...big, keys: Float64Array.of(-1, 0, 1, 0) }, kernel)]).toEqual([3, 4]);
      expect([...attend(one, { ...big, keys: Float64Array.of(-1, 0, -1, 0) }, kernel)]).toEqual([2, 3]);
    }
  });

  it("takes a sink into the sum: e^0 beside two logits of 0 leaves two thirds", () => {
    const data = {
      ...attentionData(one),
      sinks: Float64Array.of(0),
      keys: new Float64Array(4),
      values: Float64Array.of(3, 0, 3, 6),
    };
    for (const kernel of [{ kind: "fused" }, { kind: "fused", blockRows: 1 }, materialized] as const) {
      const output = attend({ ...one, sinks: true }, data, kernel);
      expect(output[0]).toBeCloseTo(2, 14);
      expect(output[1]).toBeCloseTo(2, 14);
    }
  });

  it("fused in any blocks, and materialised, gives the same to 1e-13", () => {
    fc.assert(
      fc.property(anyAttentionCase, fc.integer({ min: 1, max: 7 }), (c, blockRows) => {
        const data = attentionData(c);
        const whole = attend(c, data);
        expect(relativeError(attend(c, data, { kind: "fused", blockRows }), whole)).toBeLessThan(1e-13);
        expect(relativeError(attend(c, data, materialized), whole)).toBeLessThan(1e-13);
      }),
    );
  });

  it("MQA and GQA equal MHA with each K/V head repeated for its group", () => {
    fc.assert(
      fc.property(anyAttentionCase, (c) => {
        const data = attentionData(c);
        const repeated = { ...data, keys: repeatHeads(c, data.keys), values: repeatHeads(c, data.values) };
        expect(attend({ ...c, kvHeads: c.heads }, repeated)).toEqual(attend(c, data));
      }),
    );
  });

  it("a window or a chunk as long as the context changes nothing, a shorter window does", () => {
    fc.assert(
      fc.property(anyAttentionCase, (given) => {
        const c = {
          ...given,
          mode: "causal" as const,
          sequencesPerCache: 1,
          contexts: [8, 8],
          queryTokens: 2,
          reach: noReach,
        };
        const data = attentionData(c);
        const all = attend(c, data);
        expect(attend({ ...c, reach: { window: 8, chunk: null } }, data)).toEqual(all);
        expect(attend({ ...c, reach: { window: null, chunk: 8 } }, data)).toEqual(all);
        expect(attend({ ...c, reach: { window: 7, chunk: null } }, data)).not.toEqual(all);
      }),
    );
  });

  it("sequences of different lengths give what each gives alone", () => {
    const c = { ...one, heads: 4, kvHeads: 2, contexts: [3, 9, 1], seed: 5 };
    const data = attentionData(c);
    const batch = attend(c, data);
    c.contexts.forEach((context, sequence) => {
      const rows = 9 * c.kvHeads * c.headDim;
      const query = c.heads * c.headDim;
      const alone = attend(
        { ...c, contexts: [context] },
        {
          ...data,
          queries: data.queries.slice(sequence * query, (sequence + 1) * query),
          keys: data.keys.slice(sequence * rows, (sequence + 1) * rows),
          values: data.values.slice(sequence * rows, (sequence + 1) * rows),
        },
      );
      expect(batch.slice(sequence * query, (sequence + 1) * query)).toEqual(alone);
    });
  });

  it.each([64, 80, 96, 128, 256])("runs heads of %i: a constant value comes out as it went in", (headDim) => {
    const c = { ...one, heads: 2, headDim, contexts: [33] };
    const data = { ...attentionData(c), values: new Float64Array(33 * headDim).fill(1.5) };
    for (const value of attend(c, data)) expect(value).toBeCloseTo(1.5, 13);
  });
});

describe("visibleRange", () => {
  const range = (reach: AttentionCase["reach"], context: number, queryTokens: number, token: number) =>
    visibleRange({ ...one, queryTokens, reach } as never, context, token);

  it("ends at the token itself; a window of 1 is the token alone; a chunk starts over", () => {
    expect(range(noReach, 10, 3, 0)).toEqual([0, 8]);
    expect(range(noReach, 10, 3, 2)).toEqual([0, 10]);
    expect(range({ window: 1, chunk: null }, 10, 1, 0)).toEqual([9, 10]);
    expect(range({ window: 32, chunk: null }, 10, 1, 0)).toEqual([0, 10]);
    expect(range({ window: null, chunk: 8 }, 8, 1, 0)).toEqual([0, 8]);
    expect(range({ window: null, chunk: 8 }, 9, 1, 0)).toEqual([8, 9]);
  });
});

/** [.., Hkv, D] to [.., Hq, D]. */
function repeatHeads(c: AttentionCase, rows: Float64Array): Float64Array {
  const group = c.heads / c.kvHeads;
  const vectors = rows.length / c.headDim;
  const repeated = new Float64Array(rows.length * group);
  for (let v = 0; v < vectors; v++) {
    for (let g = 0; g < group; g++) {
      repeated.set(rows.subarray(v * c.headDim, (v + 1) * c.headDim), (v * group + g) * c.headDim);
    }
  }
  return repeated;
}
