/** Every operation: its file is in the registry, its formulas equal its counts, its counts are whole, finite and additive. */
import { readdirSync } from "node:fs";
import fc from "fast-check";
import { evaluate } from "mathjs";
import { describe, expect, test } from "vitest";
import { emptyCounts, type OperationDefinition, type StepPoint } from "../../src/operations/operation.ts";
import { operationKinds } from "../../src/operations/registry.ts";

const whole = (max: number) => fc.integer({ min: 1, max });
const bytes = fc.constantFrom(0.5, 1, 2, 4);
const reach = fc.oneof(
  fc.constant({ window: null, chunk: null }),
  whole(64).map((window) => ({ window, chunk: null })),
  whole(64).map((chunk) => ({ window: null, chunk })),
);

/** Random shapes of each kind; a new operation adds its own line. */
const shapes: Record<keyof typeof operationKinds, fc.Arbitrary<object>> = {
  "attention-core": fc.record({
    heads: whole(64),
    headDim: whole(256),
    rowElements: whole(4096),
    reach,
    mode: fc.constantFrom("causal", "cross", "bidirectional"),
    materialized: fc.boolean(),
    outputGate: fc.boolean(),
    weightBytes: fc.constantFrom(0, 128),
    kvBytesPerElement: bytes,
    activationBytesPerElement: bytes,
  }),
  "beam-reorder": fc.record({
    elementsPerToken: whole(8192),
    kvBytesPerElement: bytes,
    rowsKept: fc.option(whole(64)),
  }),
  "cache-append": fc.record({
    elementsPerToken: whole(8192),
    kvBytesPerElement: bytes,
    activationBytesPerElement: bytes,
    update: fc.constantFrom("in-place", "concat"),
    rowsKept: fc.option(whole(64)),
  }),
  collective: fc.record({
    algorithm: fc.constantFrom("all-reduce", "all-gather", "reduce-scatter", "all-to-all", "send"),
    devices: fc.constantFrom(2, 4, 8, 16),
    elements: whole(256).map((n) => 16 * n),
    bytesPerElement: bytes,
    ofLogits: fc.boolean(),
  }),
  "embedding-lookup": fc.record({
    dModel: whole(8192),
    tableBytesPerElement: bytes,
    positionBytesPerElement: fc.constantFrom(0, 2),
    activationBytesPerElement: bytes,
  }),
  "feed-forward-activation": fc.record({
    dFf: whole(30000),
    gated: fc.boolean(),
    activationBytesPerElement: bytes,
  }),
  "latent-absorption": fc.record({
    heads: whole(128),
    headDim: whole(256),
    kvRank: whole(1024),
    weightBytesPerElement: bytes,
    activationBytesPerElement: bytes,
  }),
  "latent-attention-core": fc
    .record({
      heads: whole(128),
      kvRank: whole(512),
      ropeDim: whole(64),
      nopeDim: whole(128),
      valueDim: whole(128),
      absorbed: fc.boolean(),
      materialized: fc.boolean(),
      topK: fc.option(whole(64)),
      weightBytes: whole(10000),
      kvBytesPerElement: bytes,
      activationBytesPerElement: bytes,
    })
    .map((shape) => (shape.absorbed ? { ...shape, weightBytes: 0 } : shape)),
  "linear-attention-core": fc.record({
    valueHeads: whole(64),
    keyDim: whole(128),
    valueDim: whole(128),
    channels: whole(10000),
    convolution: whole(8),
    weightBytes: whole(10000),
    stateBytesPerElement: bytes,
    kvBytesPerElement: bytes,
    activationBytesPerElement: bytes,
  }),
  logits: fc.record({
    dModel: whole(8192),
    vocab: whole(200000),
    weightBytesPerElement: bytes,
    biasBytesPerElement: fc.constantFrom(0, 2),
    activationBytesPerElement: bytes,
  }),
  "mixture-of-experts": fc
    .record({
      experts: fc.constantFrom(1, 2, 4, 8, 64, 128),
      expertsPerToken: fc.constantFrom(0.5, 1, 2, 4),
      dModel: whole(4096),
      dFf: whole(4096),
      gated: fc.boolean(),
      biasElements: fc.constantFrom(0, 100),
      biasBytesPerElement: bytes,
      weightBytesPerElement: bytes,
      activationBytesPerElement: bytes,
      tokenGroups: fc.constantFrom(1, 2),
      touched: fc.constantFrom("expected", "all"),
    })
    .map((shape) => ({ ...shape, expertsPerToken: Math.min(shape.experts, shape.expertsPerToken) })),
  normalization: fc.record({
    features: whole(8192),
    vectors: whole(64),
    flopsPerFeature: fc.constantFrom(4, 5, 6, 7),
    weightBytes: whole(16384),
    activationBytesPerElement: bytes,
  }),
  projection: fc.record({
    inFeatures: whole(8192),
    outFeatures: whole(8192),
    weightBytesPerElement: bytes,
    biasElements: fc.constantFrom(0, 64),
    biasBytesPerElement: bytes,
    activationBytesPerElement: bytes,
  }),
  residual: fc.record({ dModel: whole(8192), activationBytesPerElement: bytes }),
  "rotary-embedding": fc.record({ heads: whole(128), rotaryDim: whole(128), activationBytesPerElement: bytes }),
  "sparse-indexer": fc.record({
    heads: whole(64),
    headDim: whole(128),
    kvBytesPerElement: bytes,
    activationBytesPerElement: bytes,
  }),
};

const points = fc
  .record({ requests: whole(32), beams: whole(4), queryTokens: whole(32), earlier: whole(200), source: whole(100) })
  .map(({ requests, beams, queryTokens, earlier, source }): StepPoint => {
    const sequences = requests * beams;
    const tokens = sequences * queryTokens;
    return {
      requests,
      sequences,
      queryTokens,
      context: queryTokens + earlier - 1,
      sourceContext: source,
      tokens,
      logitsTokens: tokens,
    };
  });

test("folder and registry agree", () => {
  const notKinds = ["operation.ts", "registry.ts", "attention-span.ts"];
  const files = readdirSync(new URL("../../src/operations/", import.meta.url)).filter(
    (file) => !notKinds.includes(file),
  );
  expect(files.map((file) => file.replace(/\.ts$/, "")).sort()).toEqual(Object.keys(operationKinds).sort());
  for (const [name, definition] of Object.entries(operationKinds)) expect(definition.kind).toBe(name);
});

describe.each(Object.keys(operationKinds) as (keyof typeof operationKinds)[])("%s", (kind) => {
  const definition = operationKinds[kind] as unknown as OperationDefinition<object>;

  test("its formulas equal its counts to the last unit", () => {
    fc.assert(
      fc.property(shapes[kind], points, (shape, point) => {
        const counts = emptyCounts();
        definition.count(shape, point, counts);
        const formulas = definition.formulas(shape);
        const scope = definition.symbols(shape, point);
        const value = (formula: string | undefined): number =>
          formula === undefined ? 0 : evaluate(formula, { ...scope });
        const exact = kind !== "collective" && kind !== "mixture-of-experts";
        const same = (actual: number, formula: string | undefined): void => {
          const expected = value(formula);
          if (exact) expect(actual).toBe(expected);
          else expect(Math.abs(actual - expected)).toBeLessThanOrEqual(1e-12 * Math.abs(expected));
        };
        same(counts.matmulFlops, formulas.matmulFlops);
        same(counts.flops - counts.matmulFlops, formulas.otherFlops);
        same(counts.weightBytes, formulas.weightBytes);
        same(counts.kvBytes, formulas.kvBytes);
        same(counts.activationBytes, formulas.activationBytes);
        same(counts.linkBytes, formulas.linkBytes);
      }),
      { numRuns: 60 },
    );
  });

  test("its counts are finite, not negative, and overwrite whatever stood there", () => {
    fc.assert(
      fc.property(shapes[kind], points, (shape, point) => {
        const first = emptyCounts();
        definition.count(shape, point, first);
        const second = { flops: 7, matmulFlops: 7, weightBytes: 7, kvBytes: 7, activationBytes: 7, linkBytes: 7 };
        definition.count(shape, point, second);
        expect(second).toEqual(first);
        for (const figure of Object.values(first)) expect(Number.isFinite(figure) && figure >= 0).toBe(true);
        expect(first.flops).toBeGreaterThanOrEqual(first.matmulFlops);
      }),
      { numRuns: 40 },
    );
  });

  test("it names its source", () => {
    expect(definition.source.length).toBeGreaterThan(8);
  });
});
