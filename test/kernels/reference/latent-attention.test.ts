import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { countingProcessor } from "../../../src/kernels/reference/counting-processor.ts";
import { absorb } from "../../../src/kernels/reference/latent-absorption.ts";
import { latentAttention } from "../../../src/kernels/reference/latent-attention.ts";
import { plainProcessor } from "../../../src/kernels/reference/plain-processor.ts";
import type { Processor } from "../../../src/kernels/reference/processor.ts";
import { latentAbsorption } from "../../../src/operations/latent-absorption.ts";
import { latentAttentionCore } from "../../../src/operations/latent-attention-core.ts";
import { emptyCounts } from "../../../src/operations/operation.ts";
import { seededRandom } from "../../../src/quantity/seeded-random.ts";
import { relativeError, stepPoint } from "./attention-case.ts";

const small = (max: number): fc.Arbitrary<number> => fc.integer({ min: 1, max });
const anyLatentCase = fc.record({
  heads: small(4),
  kvRank: small(6),
  ropeDim: small(4),
  nopeDim: small(5),
  valueDim: small(5),
  sequences: small(3),
  queryTokens: small(3),
  earlier: fc.integer({ min: 0, max: 8 }),
  materialized: fc.boolean(),
  seed: fc.integer(),
});
type LatentCase = typeof anyLatentCase extends fc.Arbitrary<infer T> ? T : never;

const kvBytes = 2;
const activationBytes = 4;
const weightBytes = 0.5;

/** Runs the case; where absorbed, queries go in and outputs come out through processors of their own. */
function run(c: LatentCase, absorbed: boolean, core: Processor, absorption: Processor = plainProcessor): Float64Array {
  const random = seededRandom(c.seed);
  const context = c.queryTokens + c.earlier;
  const tokens = c.sequences * c.queryTokens;
  const row = c.kvRank + c.ropeDim;
  const queries = random.normals(tokens * c.heads * c.nopeDim);
  const rotary = random.normals(tokens * c.heads * c.ropeDim);
  const cache = random.normals(c.sequences * context * row);
  const keyUp = random.normals(c.heads * c.nopeDim * c.kvRank);
  const valueUp = random.normals(c.heads * c.valueDim * c.kvRank);
  const packed = (dim: number) => (token: number, head: number) => (token * c.heads + head) * dim;
  const shared = {
    ...c,
    contexts: new Array<number>(c.sequences).fill(context),
    rotaryQueries: core.tensor("activations", rotary, activationBytes),
    rotaryOffset: packed(c.ropeDim),
    cache: core.tensor("cache", cache, kvBytes),
    rowOffset: (sequence: number, index: number) => (sequence * context + index) * row,
    activationBytesPerElement: activationBytes,
  };
  const output = new Float64Array(tokens * c.heads * c.valueDim);
  if (!absorbed) {
    latentAttention(core, {
      ...shared,
      queries: core.tensor("activations", queries, activationBytes),
      queryOffset: packed(c.nopeDim),
      expansion: {
        keyUp: core.tensor("weights", keyUp, weightBytes),
        valueUp: core.tensor("weights", valueUp, weightBytes),
      },
      output: core.tensor("activations", output, activationBytes),
    });
    return output;
  }
  const latentQueries = new Float64Array(tokens * c.heads * c.kvRank);
  const latentOutputs = new Float64Array(tokens * c.heads * c.kvRank);
  absorb(absorption, {
    tokens,
    heads: c.heads,
    inFeatures: c.nopeDim,
    outFeatures: c.kvRank,
    input: absorption.tensor("activations", queries, activationBytes),
    inputOffset: packed(c.nopeDim),
    weights: absorption.tensor("weights", keyUp, weightBytes),
    transposed: true,
    output: absorption.tensor("activations", latentQueries, activationBytes),
  });
  latentAttention(core, {
    ...shared,
    queries: core.tensor("activations", latentQueries, activationBytes),
    queryOffset: packed(c.kvRank),
    expansion: null,
    output: core.tensor("activations", latentOutputs, activationBytes),
  });
  absorb(plainProcessor, {
    tokens,
    heads: c.heads,
    inFeatures: c.kvRank,
    outFeatures: c.valueDim,
    input: plainProcessor.tensor("activations", latentOutputs, activationBytes),
    inputOffset: packed(c.kvRank),
    weights: plainProcessor.tensor("weights", valueUp, weightBytes),
    transposed: false,
    output: plainProcessor.tensor("activations", output, activationBytes),
  });
  return output;
}

function coreCounts(c: LatentCase, absorbed: boolean) {
  const expected = emptyCounts();
  latentAttentionCore.count(
    {
      ...c,
      absorbed,
      topK: null,
      weightBytes: absorbed ? 0 : c.heads * (c.nopeDim + c.valueDim) * c.kvRank * weightBytes,
      kvBytesPerElement: kvBytes,
      activationBytesPerElement: activationBytes,
    },
    stepPoint(c.sequences, 1, c.queryTokens, c.queryTokens + c.earlier),
    expected,
  );
  return expected;
}

describe("latent attention", () => {
  it("absorbed and expanded give the same numbers to 1e-12", () => {
    fc.assert(
      fc.property(anyLatentCase, (c) => {
        const absorbed = run(c, true, plainProcessor);
        expect(relativeError(absorbed, run(c, false, plainProcessor))).toBeLessThan(1e-12);
      }),
    );
  });

  it("by hand: of one cached row the output is its values, W^UV c", () => {
    const c = { heads: 1, kvRank: 2, ropeDim: 1, nopeDim: 1, valueDim: 1, sequences: 1, queryTokens: 1 };
    const random = seededRandom(9);
    random.normals(2);
    const cache = random.normals(3);
    random.normals(2);
    const valueUp = random.normals(2);
    const expected = (valueUp[0] ?? 0) * (cache[0] ?? 0) + (valueUp[1] ?? 0) * (cache[1] ?? 0);
    for (const absorbed of [true, false]) {
      const [value] = run({ ...c, earlier: 0, materialized: false, seed: 9 }, absorbed, plainProcessor);
      expect(value).toBeCloseTo(expected, 13);
    }
  });

  it("absorbed: counts equal the cost model's, each cached element read once for all heads", () => {
    fc.assert(
      fc.property(anyLatentCase, (given) => {
        const c = { ...given, materialized: false };
        const p = countingProcessor();
        run(c, true, p);
        expect(p.counts()).toEqual(coreCounts(c, true));
        const rows = c.sequences * (c.queryTokens + c.earlier);
        expect(p.traffic("cache").readElements).toBe(rows * (c.kvRank + c.ropeDim));
        expect(p.workAside()).toEqual({ flops: 0, readElements: 0 });
      }),
    );
  });

  it("absorbed and materialised, the compressed part of each row is read a second time, as values", () => {
    fc.assert(
      fc.property(anyLatentCase, (given) => {
        const c = { ...given, materialized: true };
        const p = countingProcessor();
        run(c, true, p);
        expect(p.counts()).toEqual(coreCounts(c, true));
      }),
    );
  });

  it("expanded: counts equal the cost model's, fused and materialised", () => {
    fc.assert(
      fc.property(anyLatentCase, (c) => {
        const p = countingProcessor();
        run(c, false, p);
        expect(p.counts()).toEqual(coreCounts(c, false));
      }),
    );
  });

  it("absorption counts as the cost model does", () => {
    fc.assert(
      fc.property(anyLatentCase, (c) => {
        const p = countingProcessor();
        run(c, true, plainProcessor, p);
        const expected = emptyCounts();
        latentAbsorption.count(
          {
            heads: c.heads,
            headDim: c.nopeDim,
            kvRank: c.kvRank,
            weightBytesPerElement: weightBytes,
            activationBytesPerElement: activationBytes,
          },
          stepPoint(c.sequences, 1, c.queryTokens, c.queryTokens + c.earlier),
          expected,
        );
        expect(p.counts()).toEqual(expected);
      }),
    );
  });
});
