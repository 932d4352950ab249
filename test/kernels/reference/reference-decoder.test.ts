import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Model } from "../../../src/architecture/model.ts";
import { plainProcessor } from "../../../src/kernels/reference/plain-processor.ts";
import {
  type DecoderSettings,
  decoderRefusal,
  type ReferenceDecoder,
  referenceDecoder,
} from "../../../src/kernels/reference/reference-decoder.ts";
import { seededRandom } from "../../../src/quantity/seeded-random.ts";
import { defaultStepOptions, type StepOptions } from "../../../src/step/step-options.ts";
import { relativeError } from "./attention-case.ts";
import { anyHybridModel, gqa, latent, layerOf, modelOf } from "./small-models.ts";

const prompt = 6;

function decoder(
  model: Model,
  options: Partial<StepOptions> = {},
  settings: Partial<DecoderSettings> = {},
): ReferenceDecoder {
  const all = { ...defaultStepOptions, ...options };
  return referenceDecoder(plainProcessor, model, { seed: 5, batch: 2, capacity: 16, options: all, ...settings });
}

/** Tokens of two sequences, [2, count], of the same stream: from … from + count. */
function tokensOf(model: Model, from: number, count: number): number[] {
  const stream = [1, 2].map((seed) => {
    const random = seededRandom(seed);
    return Array.from({ length: from + count }, () => random.below(model.vocab));
  });
  return stream.flatMap((tokens) => tokens.slice(from));
}

function tokenByToken(model: Model, d: ReferenceDecoder, count: number): Float64Array {
  let logits = new Float64Array(0) as Float64Array;
  for (let i = 0; i < count; i++) logits = d.step({ tokens: tokensOf(model, i, 1), phase: "decode" });
  return logits;
}

describe("a whole model on random weights", () => {
  it("decoding token by token equals one causal prefill to 1e-10: every attention, norm and network", () => {
    fc.assert(
      fc.property(anyHybridModel, (model) => {
        const prefilled = decoder(model).step({ tokens: tokensOf(model, 0, prompt), phase: "prefill" });
        expect(prefilled.length).toBe(2 * model.vocab);
        expect(relativeError(tokenByToken(model, decoder(model), prompt), prefilled)).toBeLessThan(1e-10);
      }),
      { numRuns: 100 },
    );
  });

  it("a prefill, then steps of 1 and of 3 tokens, equals a longer prefill", () => {
    fc.assert(
      fc.property(anyHybridModel, (model) => {
        const whole = decoder(model).step({ tokens: tokensOf(model, 0, 8), phase: "prefill" });
        const d = decoder(model);
        d.step({ tokens: tokensOf(model, 0, 4), phase: "prefill" });
        d.step({ tokens: tokensOf(model, 4, 1), phase: "decode" });
        const verified = d.step({ tokens: tokensOf(model, 5, 3), phase: "decode" });
        expect(d.context).toBe(8);
        expect(verified.length).toBe(2 * 3 * model.vocab);
        // The last of each sequence's three tokens.
        const last = [0, 1].flatMap((s) => [...verified.slice((3 * s + 2) * model.vocab, (3 * s + 3) * model.vocab)]);
        expect(relativeError(Float64Array.from(last), whole)).toBeLessThan(1e-10);
      }),
      { numRuns: 60 },
    );
  });

  it("a cache concatenated step by step, and materialised attention, change nothing", () => {
    fc.assert(
      fc.property(anyHybridModel, (model) => {
        const inPlace = tokenByToken(model, decoder(model), 7);
        const options = { cacheUpdate: "concat", attentionKernel: "materialized", latentKernel: "expanded" } as const;
        expect(relativeError(tokenByToken(model, decoder(model, options), 7), inPlace)).toBeLessThan(1e-10);
      }),
      { numRuns: 60 },
    );
  });

  it("a window of the context or more equals none; a shorter one doesn't", () => {
    const logits = (window: number | null): Float64Array => {
      const model = modelOf([layerOf({ ...gqa, window })], [0, 0]);
      return tokenByToken(model, decoder(model), 7);
    };
    expect(logits(7)).toEqual(logits(null));
    expect(logits(6)).not.toEqual(logits(null));
  });

  it("a beam takes its parent's rows over", () => {
    const model = modelOf([layerOf(gqa), layerOf(latent)], [0, 1]);
    const settings = { batch: 1, beams: 2 };
    const d = decoder(model, { cacheUpdate: "concat" }, settings);
    d.step({ tokens: [3, 8], phase: "decode", parents: [1, 1] });
    const both = d.step({ tokens: [4, 4], phase: "decode" });
    expect(both.slice(0, model.vocab)).toEqual(both.slice(model.vocab));
    const other = decoder(model, { cacheUpdate: "concat" }, settings);
    other.step({ tokens: [3, 8], phase: "decode" });
    const apart = other.step({ tokens: [4, 4], phase: "decode" });
    expect(apart.slice(model.vocab)).toEqual(both.slice(model.vocab));
    expect(apart.slice(0, model.vocab)).not.toEqual(both.slice(0, model.vocab));
  });

  it("sequences do not see each other", () => {
    const model = modelOf([layerOf(gqa)], [0, 0]);
    const first = decoder(model).step({ tokens: [1, 2, 3, 4], phase: "prefill" });
    const second = decoder(model).step({ tokens: [1, 2, 9, 9], phase: "prefill" });
    expect(first.slice(0, model.vocab)).toEqual(second.slice(0, model.vocab));
    expect(first.slice(model.vocab)).not.toEqual(second.slice(model.vocab));
  });

  it("says in one line what it does not run", () => {
    expect(decoderRefusal(modelOf([layerOf(gqa)], [0]))).toBeNull();
    const bias = modelOf([layerOf({ ...gqa, relativeBuckets: 32 })], [0]);
    expect(decoderRefusal(bias)).toBe("a relative position bias");
    expect(() => decoder(bias)).toThrow("invalid model: small (not supported: a relative position bias)");
  });
});
