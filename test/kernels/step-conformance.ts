/**
 * What every backend is held to for whole decode steps: the reference's logits, over random small models. A backend's test file calls
 * this once, beside conformance.ts.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { FeedForward, Layer, Model } from "../../src/architecture/model.ts";
import { softmaxAttention } from "../../src/architecture/softmax-attention.ts";
import type { DecodeStepWork, KernelBackend } from "../../src/kernels/kernel.ts";
import { referenceBackend } from "../../src/kernels/reference/reference-backend.ts";
import { parseNumberFormat } from "../../src/quantity/number-format.ts";
import { type SeededRandom, seededRandom } from "../../src/quantity/seeded-random.ts";
import { defaultStepOptions } from "../../src/step/step-options.ts";
import { answerOf } from "./conformance.ts";
import { layerOf, modelOf } from "./reference/small-models.ts";

/** Formats of a step: fp32, bf16, fp16 or int8 for weights and K/V cache alike; activations are float32. */
export type StepFormat = "fp32" | "bf16" | "fp16" | "int8";

const stepFormats: readonly StepFormat[] = ["fp32", "bf16", "fp16", "int8"];

/**
 * How far the logits may be off: the root of the mean square of the differences over that of the reference's logits. Rounding moves
 * a weight or a cached element at random by up to a part of it (bf16 2^-9, fp16 2^-12) or of its row's largest (int8 1/254), and a
 * norm passes a relative error on as it is; products of matrices one after the other add such errors as independent ones.
 * Of 1000 random models bf16 has half below 0.4 % and one above 1 % (1.07 %), int8 half below 1.1 % and none above 3.5 %.
 */
const tolerance: Readonly<Record<StepFormat, number>> = { fp32: 1e-4, bf16: 1e-2, fp16: 1e-2, int8: 5e-2 };

export interface StepConformanceSettings {
  readonly formats: readonly StepFormat[];
  /** Random models a format. */
  readonly cases: number;
  /** Whether mixtures of experts are run too. */
  readonly experts?: boolean;
}

export function stepConformance(name: string, backend: KernelBackend, settings: StepConformanceSettings): void {
  const oracle = referenceBackend();
  const agrees = async (work: DecodeStepWork, format: StepFormat, slack = 1): Promise<void> => {
    const [ours, exact] = [await answerOf(backend, work), await answerOf(oracle, work)];
    expect(ours).toHaveLength(exact.length);
    const off = rootMeanSquare(ours.map((value, i) => value - (exact[i] as number))) / rootMeanSquare(exact);
    expect(off).toBeLessThan(slack * tolerance[format]);
  };
  describe(`${name}: whole decode steps against the reference`, () => {
    it.each(settings.formats)(
      "%s: MHA, GQA and MQA, windows, chunks, biases, norms, parallel layers, tied tables",
      (format) =>
        fc.assert(
          fc.asyncProperty(fc.nat({ max: 1e9 }), (seed) => agrees(randomStep(seededRandom(seed), format), format)),
          { numRuns: settings.cases, seed: 1 + stepFormats.indexOf(format) },
        ),
    );
    it.skipIf(settings.experts !== true)("fp32: mixtures of experts, some chosen", () =>
      fc.assert(
        fc.asyncProperty(fc.nat({ max: 1e9 }), (seed) =>
          agrees(randomMixture(seededRandom(seed), "fp32", false), "fp32"),
        ),
        { numRuns: settings.cases, seed: 1 },
      ),
    );
    // Rounding may choose other experts than the reference does; of all of them it only changes the weights, which are exponentials
    // and so as far off again as the logits they come from.
    it.skipIf(settings.experts !== true).each(settings.formats)("%s: mixtures of experts, all chosen", (format) =>
      fc.assert(
        fc.asyncProperty(fc.nat({ max: 1e9 }), (seed) =>
          agrees(randomMixture(seededRandom(seed), format, true), format, 2),
        ),
        { numRuns: settings.cases, seed: 1 },
      ),
    );
    it.each(settings.formats)("%s: sinks, a window, parallel gated layers and five sequences", (format) =>
      agrees({ ...stepOf(parallelModel, 11, format), batch: 5, context: 90 }, format),
    );
    it.each(settings.formats)("%s: layers without a gate", (format) =>
      agrees({ ...stepOf(ungatedModel, 12, format), batch: 2, context: 20 }, format),
    );
    it.each(settings.formats)("%s: a wide model and a context long enough to be split", async (format) => {
      for (const batch of [1, 5]) await agrees({ ...stepOf(wideModel, 7, format), batch, context: 700 }, format);
    });
  });
}

/** Wider than a kernel's tile, its table serving twice. */
const wideModel: Model = modelOf(
  [
    layerOf(softmaxAttention({ heads: 6, kvHeads: 2, headDim: 64 }), {
      feedForward: { kind: "dense", dFf: 1100, gated: true, bias: false },
    }),
  ],
  [0, 0],
  { dModel: 1040, vocab: 300, tiedEmbeddings: true },
);

const parallelModel: Model = modelOf(
  [
    layerOf(softmaxAttention({ heads: 6, kvHeads: 2, headDim: 16, window: 70, sinks: true }), {
      feedForward: { kind: "dense", dFf: 96, gated: true, bias: true },
      parallel: true,
      norms: 1,
    }),
  ],
  [0, 0],
  { dModel: 48, vocab: 60 },
);

const ungatedModel: Model = modelOf(
  [
    layerOf(softmaxAttention({ heads: 4, kvHeads: 4, headDim: 8 }), {
      feedForward: { kind: "dense", dFf: 130, gated: false, bias: true },
    }),
  ],
  [0, 0],
  { dModel: 32, vocab: 60 },
);

function rootMeanSquare(values: Float64Array): number {
  return Math.sqrt(values.reduce((sum, x) => sum + x * x, 0) / values.length);
}

/** A decode step of a small random model with dense feed-forward networks and softmax attention. */
export function randomStep(random: SeededRandom, format: StepFormat): DecodeStepWork {
  const step = stepOf(randomModel(random), random.below(1e6), format);
  return { ...step, batch: 1 + random.below(3), context: 1 + random.below(60) };
}

/** The same with mixtures of experts in place of the networks. */
function randomMixture(random: SeededRandom, format: StepFormat, all: boolean): DecodeStepWork {
  const step = randomStep(random, format);
  const { decoder } = step.model;
  const flag = (): boolean => random.below(2) === 0;
  const kinds = decoder.kinds.map((kind): Layer => {
    const experts = 1 + random.below(9);
    const sharedDFf = random.below(3) * 20;
    const feedForward: FeedForward = {
      kind: "mixture",
      experts,
      expertsPerToken: all ? experts : 1 + random.below(Math.min(experts, 3)),
      dFf: 20 + random.below(40),
      gated: flag(),
      bias: flag(),
      routerBias: flag(),
      sharedDFf,
      sharedGate: sharedDFf > 0 && flag(),
    };
    return { ...kind, feedForward };
  });
  return { ...step, model: { ...step.model, decoder: { ...decoder, kinds } }, batch: 1 + random.below(6) };
}

function stepOf(model: Model, seed: number, id: StepFormat): DecodeStepWork {
  const format = parseNumberFormat(id);
  const options = { ...defaultStepOptions, weights: format, kvCache: format, activations: parseNumberFormat("fp32") };
  return { kind: "decode-step", model, options, seed, batch: 1, context: 1 };
}

function randomModel(random: SeededRandom): Model {
  const flag = (): boolean => random.below(2) === 0;
  const pick = <T>(values: readonly T[]): T => values[random.below(values.length)] as T;
  const kinds = Array.from({ length: 1 + random.below(2) }, () => randomLayer(random, flag, pick));
  const order = Array.from({ length: 1 + random.below(3) }, (_, i) => i % kinds.length);
  const dModel = pick([32, 48, 70]);
  return modelOf(kinds, order, {
    dModel,
    vocab: 30 + random.below(90),
    ...(random.below(4) === 0 ? { embeddingDim: 24 } : {}),
    tiedEmbeddings: flag(),
    positions: pick([0, 64]),
    norm: pick(["rms", "layer", "plain"]),
    normBias: flag(),
    outerNorms: pick([0, 1, 2]),
    logitsBias: flag(),
  });
}

function randomLayer(random: SeededRandom, flag: () => boolean, pick: <T>(values: readonly T[]) => T): Layer {
  const kvHeads = 1 + random.below(3);
  const headDim = pick([8, 16, 20, 64]);
  const feedForward: FeedForward = { kind: "dense", dFf: pick([40, 96, 130]), gated: flag(), bias: flag() };
  const reach = pick([{}, {}, { window: 1 + random.below(50) }, { chunk: 1 + random.below(50) }]);
  const attention = softmaxAttention({
    ...reach,
    kvHeads,
    heads: kvHeads * pick([1, 2, 5]),
    headDim,
    rotaryDim: pick([headDim, headDim / 2, 0]),
    qkvBias: flag(),
    outputBias: flag(),
    qkNorm: pick(["none", "none", "head", "full"]),
    sharedKeyValue: random.below(4) === 0,
    outputGate: random.below(4) === 0,
    sinks: random.below(4) === 0,
  });
  return layerOf(attention, { feedForward, norms: pick([1, 2, 3, 4]), parallel: random.below(3) === 0 });
}
