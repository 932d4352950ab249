/** Small decoder-only models of each kind of attention and feed-forward network, for the tests of whole steps. */
import fc from "fast-check";
import type { Attention, FeedForward, Layer, Model } from "../../../src/architecture/model.ts";
import { softmaxAttention } from "../../../src/architecture/softmax-attention.ts";

export const dense: FeedForward = { kind: "dense", dFf: 10, gated: true, bias: false };

export function layerOf(attention: Attention, given: Partial<Layer> = {}): Layer {
  return { name: "layer", attention, crossAttention: null, feedForward: dense, norms: 2, parallel: false, ...given };
}

export function modelOf(kinds: readonly Layer[], order: readonly number[], given: Partial<Model> = {}): Model {
  return {
    id: "small",
    name: "Small",
    dModel: 8,
    vocab: 11,
    tiedEmbeddings: false,
    positions: 0,
    norm: "rms",
    normBias: false,
    outerNorms: 1,
    logitsBias: false,
    maxContext: null,
    decoder: { kinds: kinds.map((kind, i) => ({ ...kind, name: `kind-${i}` })), order },
    encoder: null,
    publishedWeights: null,
    ...given,
  };
}

export const gqa = softmaxAttention({ heads: 4, kvHeads: 2, headDim: 4 });
export const latent: Attention = {
  kind: "latent",
  heads: 3,
  queryRank: 5,
  kvRank: 4,
  ropeDim: 2,
  nopeDim: 3,
  valueDim: 5,
  indexer: null,
};
export const linear: Attention = { kind: "linear", keyHeads: 2, valueHeads: 4, keyDim: 3, valueDim: 5, convolution: 3 };
/** Every token passes every expert, so that the expected number of experts is exact. */
export const allExperts: FeedForward = {
  kind: "mixture",
  experts: 3,
  expertsPerToken: 3,
  dFf: 6,
  gated: true,
  bias: false,
  routerBias: true,
  sharedDFf: 4,
  sharedGate: true,
};

const anySoftmax = fc
  .record({
    group: fc.constantFrom(1, 2, 4),
    kvHeads: fc.constantFrom(1, 2),
    headDim: fc.constantFrom(2, 4),
    reach: fc.constantFrom(
      { window: null, chunk: null },
      { window: 3, chunk: null },
      { window: 100, chunk: null },
      { window: null, chunk: 4 },
    ),
    rotaryDim: fc.constantFrom(0, 2),
    qkNorm: fc.constantFrom("none" as const, "head" as const, "full" as const),
    flags: fc.record({
      qkvBias: fc.boolean(),
      outputBias: fc.boolean(),
      sharedKeyValue: fc.boolean(),
      outputGate: fc.boolean(),
      sinks: fc.boolean(),
    }),
  })
  .map(({ group, reach, flags, ...rest }) =>
    softmaxAttention({ ...rest, heads: group * rest.kvHeads, ...reach, ...flags }),
  );

const anyLatent = fc
  .record({ queryRank: fc.constantFrom(null, 5) })
  .map((given) => ({ ...latent, ...given }) as Attention);

const anyFeedForward: fc.Arbitrary<FeedForward> = fc.oneof(
  fc.record({
    kind: fc.constant("dense" as const),
    dFf: fc.constantFrom(6, 10),
    gated: fc.boolean(),
    bias: fc.boolean(),
  }),
  fc.boolean().map((gated): FeedForward => ({ ...(allExperts as FeedForward & { kind: "mixture" }), gated })),
);

function anyLayer(attention: fc.Arbitrary<Attention>): fc.Arbitrary<Layer> {
  return fc
    .record({
      attention,
      feedForward: anyFeedForward,
      norms: fc.constantFrom(1, 2, 3, 4),
      parallel: fc.boolean(),
    })
    .map((given) => layerOf(given.attention, given));
}

function anyModelWith(attention: fc.Arbitrary<Attention>): fc.Arbitrary<Model> {
  return fc
    .record({
      kinds: fc.array(anyLayer(attention), { minLength: 1, maxLength: 2 }),
      depth: fc.integer({ min: 1, max: 3 }),
      // Of dModel 8: as wide, or narrower with a projection to 8 and one back.
      embeddingDim: fc.constantFrom(8, 8, 6),
      tiedEmbeddings: fc.boolean(),
      positions: fc.constantFrom(0, 32),
      norm: fc.constantFrom("rms" as const, "layer" as const, "plain" as const),
      normBias: fc.boolean(),
      outerNorms: fc.constantFrom(0, 1, 2),
      logitsBias: fc.boolean(),
    })
    .map(({ kinds, depth, ...rest }) =>
      modelOf(
        kinds,
        Array.from({ length: depth }, (_, i) => i % kinds.length),
        rest,
      ),
    );
}

/** Models of softmax attention in every form. */
export const anySoftmaxModel: fc.Arbitrary<Model> = anyModelWith(anySoftmax as fc.Arbitrary<Attention>);
/** Models of latent attention; with the RMS norm that such models have. */
export const anyLatentModel: fc.Arbitrary<Model> = anyModelWith(anyLatent).map((model) => ({ ...model, norm: "rms" }));
/** Models that mix softmax, latent and linear attention. */
export const anyHybridModel: fc.Arbitrary<Model> = anyModelWith(
  fc.oneof(anySoftmax as fc.Arbitrary<Attention>, anyLatent, fc.constant(linear)),
);
