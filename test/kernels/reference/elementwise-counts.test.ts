/** Linear layers, norms, rotary embedding, activations, residuals, lookups and the cache: values, and counts as they run. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { appendInPlace, copyRows } from "../../../src/kernels/reference/cache-append.ts";
import { type CountingProcessor, countingProcessor } from "../../../src/kernels/reference/counting-processor.ts";
import { lookUpEmbedding } from "../../../src/kernels/reference/embedding-lookup.ts";
import { feedForwardActivation } from "../../../src/kernels/reference/feed-forward-activation.ts";
import { linear } from "../../../src/kernels/reference/linear.ts";
import { normalize } from "../../../src/kernels/reference/normalization.ts";
import { addResidual } from "../../../src/kernels/reference/residual.ts";
import { rotate } from "../../../src/kernels/reference/rotary-embedding.ts";
import { beamReorder } from "../../../src/operations/beam-reorder.ts";
import { cacheAppend } from "../../../src/operations/cache-append.ts";
import { embeddingLookup } from "../../../src/operations/embedding-lookup.ts";
import { feedForwardActivation as activationOperation } from "../../../src/operations/feed-forward-activation.ts";
import { logits } from "../../../src/operations/logits.ts";
import { normalization, normFlopsPerFeature } from "../../../src/operations/normalization.ts";
import {
  type Counts,
  emptyCounts,
  type OperationDefinition,
  type StepPoint,
} from "../../../src/operations/operation.ts";
import { projection } from "../../../src/operations/projection.ts";
import { residual } from "../../../src/operations/residual.ts";
import { rotaryEmbedding } from "../../../src/operations/rotary-embedding.ts";
import { seededRandom } from "../../../src/quantity/seeded-random.ts";
import { stepPoint } from "./attention-case.ts";

const small = (max: number): fc.Arbitrary<number> => fc.integer({ min: 1, max });
const ea = 4;
const ew = 2;
const ekv = 1;

function counted<Shape>(definition: OperationDefinition<Shape>, shape: Shape, point: StepPoint): Counts {
  const counts = emptyCounts();
  definition.count(shape, point, counts);
  return counts;
}

const random = seededRandom(11);
const activations = (p: CountingProcessor, n: number) => p.tensor("activations", random.normals(n), ea);
const weights = (p: CountingProcessor, n: number) => p.tensor("weights", random.normals(n), ew);

describe("linear", () => {
  it("by hand: [1 2; 3 4] (5 6)ᵀ + (1 0)ᵀ = (18 39)ᵀ", () => {
    const p = countingProcessor();
    const values = new Float64Array(2);
    linear(p, {
      tokens: 1,
      inFeatures: 2,
      outFeatures: 2,
      input: p.tensor("activations", Float64Array.of(5, 6), ea),
      weights: p.tensor("weights", Float64Array.of(1, 2, 3, 4), ew),
      bias: p.tensor("weights", Float64Array.of(1, 0), ew),
      output: p.tensor("activations", values, ea),
    });
    expect([...values]).toEqual([18, 39]);
  });

  it("counts as a projection, and as the LM head", () => {
    fc.assert(
      fc.property(small(5), small(6), small(6), fc.boolean(), (tokens, inFeatures, outFeatures, bias) => {
        const p = countingProcessor();
        linear(p, {
          tokens,
          inFeatures,
          outFeatures,
          input: activations(p, tokens * inFeatures),
          weights: weights(p, inFeatures * outFeatures),
          bias: bias ? weights(p, outFeatures) : null,
          output: activations(p, tokens * outFeatures),
        });
        const bytes = { weightBytesPerElement: ew, biasBytesPerElement: bias ? ew : 0, activationBytesPerElement: ea };
        const shape = { inFeatures, outFeatures, biasElements: bias ? outFeatures : 0, ...bytes };
        const point = stepPoint(tokens, 1, 1, 1);
        expect(p.counts()).toEqual(counted(projection, shape, point));
        expect(p.counts()).toEqual(counted(logits, { dModel: inFeatures, vocab: outFeatures, ...bytes }, point));
        expect(p.workAside().flops).toBe(0);
      }),
    );
  });
});

describe("norms", () => {
  const norm = (kind: "rms" | "layer" | "plain", x: number[], epsilon: number) => {
    const p = countingProcessor();
    const values = Float64Array.from(x);
    const weight = kind === "plain" ? null : p.tensor("weights", new Float64Array(x.length).fill(1), ew);
    const tensor = p.tensor("activations", values, ea);
    const shape = { norm: kind, features: x.length, vectors: 1, weight, bias: null, epsilon };
    normalize(p, { ...shape, input: tensor, output: tensor });
    return [...values];
  };

  it("by hand: RMS of (3, 4, 5, 0) is √12.5; the layer norm of (1, 3) is (−1, 1)", () => {
    const scale = 1 / Math.sqrt(12.5);
    norm("rms", [3, 4, 5, 0], 0).forEach((value, i) => {
      expect(value).toBeCloseTo(scale * ([3, 4, 5, 0][i] ?? 0), 14);
    });
    expect(norm("layer", [1, 3], 0)).toEqual([-1, 1]);
    expect(norm("plain", [1, 3], 0)).toEqual([-1, 1]);
    expect(norm("layer", [7, 7, 7], 1e-5)).toEqual([0, 0, 0]);
  });

  it("count 4, 5, 6 or 7 operations a feature, and 4 or 5 scalars a vector aside", () => {
    const kinds = fc.constantFrom("rms" as const, "layer" as const, "plain" as const);
    fc.assert(
      fc.property(kinds, fc.boolean(), small(4), small(3), small(8), (kind, withBias, tokens, each, features) => {
        const p = countingProcessor();
        const bias = kind === "layer" && withBias;
        const vectors = tokens * each;
        const tensor = activations(p, vectors * features);
        normalize(p, {
          norm: kind,
          features,
          vectors,
          input: tensor,
          output: tensor,
          weight: kind === "plain" ? null : weights(p, features),
          bias: bias ? weights(p, features) : null,
          epsilon: 1e-5,
        });
        const learned = kind === "plain" ? 0 : bias ? 2 * features : features;
        const shape = {
          features,
          vectors: each,
          flopsPerFeature: normFlopsPerFeature(kind, bias),
          weightBytes: learned * ew,
          activationBytesPerElement: ea,
        };
        expect(p.counts()).toEqual(counted(normalization, shape, stepPoint(tokens, 1, 1, 1)));
        expect(p.workAside().flops).toBe(vectors * (kind === "rms" ? 4 : 5));
      }),
    );
  });
});

describe("rotary embedding", () => {
  const turned = (values: number[], rotaryDim: number, position: number) => {
    const p = countingProcessor();
    const array = Float64Array.from(values);
    const tensor = p.tensor("activations", array, ea);
    rotate(p, { tensor, vectors: 1, offset: () => 0, position: () => position, rotaryDim, base: 10_000 });
    return [...array];
  };

  it("by hand: position 0 stays, (1, 0) turns to (cos 1, sin 1), the rest of a partial head stays", () => {
    expect(turned([1, 2, 3, 4], 4, 0)).toEqual([1, 2, 3, 4]);
    expect(turned([1, 0, 5, 6], 2, 1)).toEqual([Math.cos(1), Math.sin(1), 5, 6]);
  });

  it("makes q·k depend on the distance alone", () => {
    const dotAt = (i: number, j: number): number => {
      const q = turned([0.3, -1.2, 0.8, 2], 4, i);
      const k = turned([1, 0.5, -0.7, 0.1], 4, j);
      return q.reduce((sum, x, d) => sum + x * (k[d] ?? 0), 0);
    };
    expect(dotAt(7, 3)).toBeCloseTo(dotAt(104, 100), 12);
  });

  it("counts 3 operations an element turned", () => {
    fc.assert(
      fc.property(small(4), small(4), small(3), fc.integer({ min: 0, max: 3 }), (tokens, heads, half, rest) => {
        const p = countingProcessor();
        const rotaryDim = 2 * half;
        const width = rotaryDim + rest;
        rotate(p, {
          tensor: activations(p, tokens * heads * width),
          vectors: tokens * heads,
          offset: (vector) => vector * width,
          position: (vector) => vector,
          rotaryDim,
          base: 10_000,
        });
        const shape = { heads, rotaryDim, activationBytesPerElement: ea };
        expect(p.counts()).toEqual(counted(rotaryEmbedding, shape, stepPoint(tokens, 1, 1, 1)));
      }),
    );
  });
});

describe("activation functions, residuals, lookups", () => {
  const active = (kind: "silu" | "gelu" | "relu", x: number): number => {
    const p = countingProcessor();
    const values = new Float64Array(1);
    const output = p.tensor("activations", values, ea);
    const input = p.tensor("activations", Float64Array.of(x), ea);
    feedForwardActivation(p, { tokens: 1, dFf: 1, gated: false, kind, input, output });
    return values[0] ?? Number.NaN;
  };

  it("known values: SiLU(1) = 0.73106, GELU(1) = 0.84134 (Φ(1)), GELU(−4) = −4 Φ(−4) = −1.2668e-4", () => {
    expect(active("silu", 1)).toBeCloseTo(0.7310585786300049, 15);
    expect(active("gelu", 1)).toBeCloseTo(0.8413447460685429, 15);
    expect(active("gelu", -4)).toBeCloseTo(-4 * 3.167124183311992e-5, 15);
    // Across the switch from series to continued fraction at 3 √2.
    expect(active("gelu", 4.2426)).toBeCloseTo(active("gelu", 4.2427), 3);
    expect(active("relu", -2)).toBe(0);
    expect(active("silu", -800)).toBeCloseTo(0, 15);
  });

  it("count as the cost model does", () => {
    fc.assert(
      fc.property(small(4), small(8), fc.boolean(), (tokens, width, flag) => {
        const point = stepPoint(tokens, 1, 1, 1);
        const activation = countingProcessor();
        feedForwardActivation(activation, {
          tokens,
          dFf: width,
          gated: flag,
          kind: "silu",
          input: activations(activation, tokens * width * (flag ? 2 : 1)),
          output: activations(activation, tokens * width),
        });
        const shape = { dFf: width, gated: flag, activationBytesPerElement: ea };
        expect(activation.counts()).toEqual(counted(activationOperation, shape, point));

        const addition = countingProcessor();
        const x = activations(addition, tokens * width);
        addResidual(addition, x, activations(addition, tokens * width), x);
        const residualShape = { dModel: width, activationBytesPerElement: ea };
        expect(addition.counts()).toEqual(counted(residual, residualShape, point));

        const lookup = countingProcessor();
        lookUpEmbedding(lookup, {
          tokens: Array.from({ length: tokens }, (_, t) => t % 3),
          position: (t) => t,
          dModel: width,
          table: weights(lookup, 3 * width),
          positions: flag ? weights(lookup, tokens * width) : null,
          output: activations(lookup, tokens * width),
        });
        const lookupShape = {
          dModel: width,
          tableBytesPerElement: ew,
          positionBytesPerElement: flag ? ew : 0,
          activationBytesPerElement: ea,
        };
        expect(lookup.counts()).toEqual(counted(embeddingLookup, lookupShape, point));
      }),
    );
  });
});

describe("the cache", () => {
  const anyCache = fc.record({
    requests: small(3),
    beams: small(3),
    queryTokens: small(3),
    earlier: small(8),
    c: small(6),
  });

  it("append in place counts as the cost model does, and puts each row where it belongs", () => {
    fc.assert(
      fc.property(anyCache, ({ requests, beams, queryTokens, earlier, c }) => {
        const p = countingProcessor();
        const point = stepPoint(requests, beams, queryTokens, queryTokens + earlier);
        const cache = new Float64Array(point.sequences * point.context * c);
        const rows = random.normals(point.tokens * c);
        appendInPlace({
          sequences: point.sequences,
          queryTokens,
          input: p.tensor("activations", rows, ea),
          inputOffset: (token) => token * c,
          cache: p.tensor("cache", cache, ekv),
          rowOffset: (sequence, token) => (sequence * point.context + earlier + token) * c,
          from: 0,
          count: c,
        });
        const bytes = { kvBytesPerElement: ekv, activationBytesPerElement: ea };
        const shape = { elementsPerToken: c, update: "in-place" as const, rowsKept: null, ...bytes };
        expect(p.counts()).toEqual(counted(cacheAppend, shape, point));
        expect(cache.slice(cache.length - c)).toEqual(rows.slice(rows.length - c));
        expect(cache.slice(0, earlier * c)).toEqual(new Float64Array(earlier * c));
      }),
    );
  });

  it("the gather of beams counts as the cost model does, and takes the parents' rows", () => {
    fc.assert(
      fc.property(anyCache, ({ requests, beams, queryTokens, earlier, c }) => {
        const p = countingProcessor();
        const point = stepPoint(requests, beams + 1, queryTokens, queryTokens + earlier);
        const rowsOfSequence = point.context * c;
        const from = random.normals(point.sequences * rowsOfSequence);
        const to = new Float64Array(from.length);
        copyRows({
          sequences: point.sequences,
          rows: point.context,
          rowElements: c,
          from: p.tensor("cache", from, ekv),
          fromOffset: (sequence) => (sequence - (sequence % (beams + 1))) * rowsOfSequence,
          to: p.tensor("cache", to, ekv),
          toOffset: (sequence) => sequence * rowsOfSequence,
        });
        const shape = { elementsPerToken: c, kvBytesPerElement: ekv, rowsKept: null };
        expect(p.counts()).toEqual(counted(beamReorder, shape, point));
        expect(to.slice(rowsOfSequence, 2 * rowsOfSequence)).toEqual(from.slice(0, rowsOfSequence));
      }),
    );
  });
});
