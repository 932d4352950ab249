import { describe, expect, it } from "vitest";
import type { KernelWork } from "../../../src/kernels/kernel.ts";
import { countingProcessor } from "../../../src/kernels/reference/counting-processor.ts";
import { referenceBackend } from "../../../src/kernels/reference/reference-backend.ts";
import { seededRandom } from "../../../src/quantity/seeded-random.ts";
import { defaultStepOptions } from "../../../src/step/step-options.ts";
import { relativeError } from "./attention-case.ts";
import { gqa, layerOf, modelOf } from "./small-models.ts";

const random = seededRandom(21);

async function answer(work: KernelWork, backend = referenceBackend()): Promise<Float64Array> {
  const prepared = await backend.prepare(work);
  if (prepared.refused) throw new Error(prepared.reason);
  await prepared.run();
  return prepared.output();
}

const attention = {
  kind: "attention",
  heads: 4,
  kvHeads: 2,
  headDim: 8,
  contexts: [5, 12],
  capacity: 12,
  queryTokens: 2,
  reach: { window: 4, chunk: null },
  format: "f64",
  queries: random.normals(2 * 2 * 4 * 8),
  keys: random.normals(2 * 12 * 2 * 8),
  values: random.normals(2 * 12 * 2 * 8),
  sinks: null,
} as const satisfies KernelWork;

/** Attention straight from its definition, one query after the other. */
function definition(work: typeof attention): Float64Array {
  const { heads, kvHeads, headDim, capacity, queryTokens } = work;
  const output = new Float64Array(work.queries.length);
  work.contexts.forEach((context, s) => {
    for (let q = 0; q < queryTokens; q++) {
      const position = context - queryTokens + q;
      for (let h = 0; h < heads; h++) {
        const query = ((s * queryTokens + q) * heads + h) * headDim;
        const row = (j: number): number => ((s * capacity + j) * kvHeads + Math.floor((h * kvHeads) / heads)) * headDim;
        const seen = Array.from({ length: position + 1 }, (_, j) => j).slice(-work.reach.window);
        const exps = seen.map((j) => {
          let dot = 0;
          for (let d = 0; d < headDim; d++) dot += (work.queries[query + d] ?? 0) * (work.keys[row(j) + d] ?? 0);
          return Math.exp(dot / Math.sqrt(headDim));
        });
        const sum = exps.reduce((a, b) => a + b, 0);
        for (let d = 0; d < headDim; d++) {
          output[query + d] = seen.reduce((o, j, i) => o + ((exps[i] ?? 0) / sum) * (work.values[row(j) + d] ?? 0), 0);
        }
      }
    }
  });
  return output;
}

describe("the reference backend", () => {
  it("is there everywhere", async () => {
    expect((await referenceBackend().availability()).available).toBe(true);
  });

  it("attends as the definition says, over sequences of different lengths and a window", async () => {
    expect(relativeError(await answer(attention), definition(attention))).toBeLessThan(1e-13);
  });

  it("does the small ones", async () => {
    const linear = { kind: "linear", tokens: 1, inFeatures: 2, outFeatures: 2, format: "f64" } as const;
    const operands = { input: Float64Array.of(5, 6), weights: Float64Array.of(1, 2, 3, 4), bias: null };
    expect([...(await answer({ ...linear, ...operands }))]).toEqual([17, 39]);

    const norm = { kind: "normalization", norm: "layer", vectors: 1, features: 2, epsilon: 0 } as const;
    const learned = { weight: Float64Array.of(2, 2), bias: Float64Array.of(0, 1) };
    expect([...(await answer({ ...norm, ...learned, input: Float64Array.of(1, 3) }))]).toEqual([-2, 3]);

    const rotary = { kind: "rotary-embedding", heads: 1, headDim: 3, rotaryDim: 2, base: 10_000 } as const;
    const turned = await answer({ ...rotary, positions: [0, 1], input: Float64Array.of(1, 0, 7, 1, 0, 7) });
    expect([...turned]).toEqual([1, 0, 7, Math.cos(1), Math.sin(1), 7]);

    const activation = { kind: "feed-forward-activation", tokens: 1, dFf: 2, gated: true, activation: "relu" } as const;
    expect([...(await answer({ ...activation, input: Float64Array.of(-1, 2, 3, 4) }))]).toEqual([0, 8]);

    expect([...(await answer({ kind: "residual", x: Float64Array.of(1, 2), y: Float32Array.of(3, 4) }))]).toEqual([
      4, 6,
    ]);

    const append = { kind: "cache-append", rowElements: 1, capacity: 3, contexts: [1, 3], queryTokens: 1 } as const;
    const rows = { format: "f64", cache: new Float64Array(6), rows: Float64Array.of(8, 9) } as const;
    expect([...(await answer({ ...append, ...rows }))]).toEqual([8, 0, 0, 0, 0, 9]);
  });

  it("runs a decode step twice with the same logits, and leaves its inputs as they were", async () => {
    const model = modelOf([layerOf(gqa)], [0, 0]);
    const work = { kind: "decode-step", model, options: defaultStepOptions, seed: 3, batch: 2, context: 9 } as const;
    const prepared = await referenceBackend().prepare(work);
    if (prepared.refused) throw new Error(prepared.reason);
    await prepared.run();
    const first = await prepared.output();
    await prepared.run();
    expect(await prepared.output()).toEqual(first);
    expect(first.length).toBe(2 * model.vocab);
    expect(await answer({ ...work, seed: 4 })).not.toEqual(first);
  });

  it("refuses a model it does not run, as an answer", async () => {
    const model = modelOf([layerOf({ ...gqa, relativeBuckets: 32 })], [0]);
    const work = { kind: "decode-step", model, options: defaultStepOptions, seed: 3, batch: 1, context: 1 } as const;
    expect(await referenceBackend().prepare(work)).toEqual({
      refused: true,
      reason: "the reference does not run a relative position bias",
    });
  });

  it("counts when it is handed a counting processor", async () => {
    const p = countingProcessor();
    await answer(attention, referenceBackend(p));
    // Of 5 and 12 rows the two new tokens' window of 4 reads 5 each, 2 × 2 × 8 elements a row.
    expect(p.traffic("cache").readElements).toBe(2 * 5 * 32);
  });
});
