/** Layers that few models have: no norms, biased cross-attention, cross-attention in some layers, hybrids; and their exchanges. */
import { describe, expect, test } from "vitest";
import { stateElements } from "../../src/architecture/cache-row.ts";
import type { Layer, LinearAttention, Model, Stack } from "../../src/architecture/model.ts";
import { countStep } from "../../src/step/count-step.ts";
import { footprintOf, largestBatch, planFootprint } from "../../src/step/footprint.ts";
import { defaultStepOptions, type StepOptions } from "../../src/step/step-options.ts";
import { planStep, type StepPlan } from "../../src/step/step-plan.ts";
import { modelProfile } from "../fixtures/profiles.ts";

const llama = modelProfile("llama-2-7b");
const t5 = modelProfile("t5-base");

const plan = (model: Model, change: Partial<StepOptions> = {}): StepPlan =>
  planStep(model, { ...defaultStepOptions, ...change });
const weightBytes = (model: Model, change: Partial<StepOptions> = {}): number =>
  countStep(plan(model, change), { batch: 1, context: 16 }).totals.weightBytes;
const linkBytes = (p: StepPlan, batch: number, context: number): number =>
  countStep(p, { batch, context }).totals.linkBytes;
const tensor = (n: number): StepOptions["parallelism"] => ({ tensor: n, pipeline: 1, expert: 1 });

function mapLayers(stack: Stack, change: (layer: Layer) => Layer): Stack {
  return { ...stack, kinds: stack.kinds.map(change) };
}

describe("norms", () => {
  test("a layer without norms has none to read: 32 layers × 2 × 4096 weights of 2 bytes less", () => {
    const bare = { ...llama, decoder: mapLayers(llama.decoder, (layer) => ({ ...layer, norms: 0 })) };
    expect(plan(bare).operations.map((operation) => operation.name)).not.toContain("norms");
    expect(weightBytes(llama) - weightBytes(bare)).toBe(32 * 2 * 4096 * 2);
  });

  test("a model without a final norm (OPT-350M) reads one norm of 4096 less", () => {
    const bare = { ...llama, outerNorms: 0 };
    expect(plan(bare).operations.map((operation) => operation.name)).not.toContain("final norm");
    expect(weightBytes(llama) - weightBytes(bare)).toBe(4096 * 2);
  });
});

describe("cross-attention", () => {
  const biased: Model = {
    ...t5,
    decoder: mapLayers(t5.decoder, (layer) => ({
      ...layer,
      crossAttention: layer.crossAttention && { ...layer.crossAttention, qkvBias: true },
    })),
  };

  test("with biases reads the queries' when decoding, keys' and values' in the prefill: 12 layers × 768 each", () => {
    expect(weightBytes(biased) - weightBytes(t5)).toBe(12 * 768 * 2);
    const prefill = { phase: "prefill" } as const;
    expect(weightBytes(biased, prefill) - weightBytes(t5, prefill)).toBe(12 * 2 * 768 * 2);
  });

  test("in half of the layers writes and holds half of the encoder's keys and values", () => {
    const [first, other] = t5.decoder.kinds as [Layer, Layer];
    const half: Model = {
      ...t5,
      decoder: { kinds: [first, { ...other, crossAttention: null }], order: t5.decoder.order.map((_, i) => i % 2) },
    };
    const written = (model: Model): number => {
      const p = plan(model, { phase: "prefill" });
      const i = p.operations.findIndex((operation) => operation.name === "cross cache write");
      return countStep(p, { batch: 3, context: 50 }).counts[i]?.kvBytes ?? Number.NaN;
    };
    expect(written(t5)).toBe(3 * 12 * 2 * 768 * 50 * 2);
    expect(written(half)).toBe(written(t5) / 2);
    const cache = (model: Model): number =>
      footprintOf(planFootprint(plan(model)), { batch: 3, context: 10, sourceContext: 50 }).cacheBytes;
    expect(cache(t5)).toBe(3 * 12 * 2 * 768 * (10 + 50) * 2);
    expect(cache(half)).toBe(3 * 12 * 2 * 768 * (10 + 50 / 2) * 2);
  });

  test("an encoder whose attention is not softmax is refused, not left out", () => {
    const linear = modelProfile("qwen3.5-27b").decoder.kinds[0] as Layer;
    const encoder = mapLayers(t5.encoder as Stack, (layer) => ({ ...layer, attention: linear.attention }));
    expect(() => plan({ ...t5, encoder }, { phase: "prefill" })).toThrow(
      "invalid encoder: linear (wants softmax attention in every layer of an encoder)",
    );
  });
});

describe("all-reduces under tensor parallelism: 2 (N − 1)/N of the activations each", () => {
  test("three a decoder layer with cross-attention, two an encoder layer, one after the embedding", () => {
    const four = { parallelism: tensor(4) };
    const reduce = 2 * (3 / 4) * 768 * 2;
    const gather = (3 / 4) * 32_128 * 2;
    expect(linkBytes(plan(t5, four), 5, 10)).toBeCloseTo(5 * ((12 * 3 + 1) * reduce + gather), 3);
    // The encoder runs over 5 × 10 tokens; the decoder's keys and values need no exchange, and there are no logits.
    expect(linkBytes(plan(t5, { ...four, phase: "prefill" }), 5, 10)).toBeCloseTo(5 * 10 * (12 * 2 + 1) * reduce, 3);
  });

  test("one a layer where attention and feed-forward run side by side (GPT-J)", () => {
    const gptj = modelProfile("gpt-j-6b");
    const reduce = 2 * (1 / 2) * 4096 * 2;
    const gather = (1 / 2) * 50_400 * 2;
    expect(linkBytes(plan(gptj, { parallelism: tensor(2) }), 3, 10)).toBeCloseTo(3 * ((28 + 1) * reduce + gather), 3);
  });
});

describe("footprints", () => {
  test("a hybrid holds a fixed state a sequence in fp32 beside its growing rows (Qwen3.5-27B: 48 and 16 layers)", () => {
    const qwen = modelProfile("qwen3.5-27b");
    const state = stateElements(qwen.decoder.kinds[0]?.attention as LinearAttention);
    const fixed = 48 * (state.matrix * 4 + state.convolution * 2);
    const footprint = planFootprint(plan(qwen));
    for (const context of [1, 1000]) {
      const { cacheBytes } = footprintOf(footprint, { batch: 2, context });
      expect(cacheBytes).toBe(2 * (fixed + 16 * 2 * 4 * 256 * 2 * context));
    }
  });

  test("beams have states of their own", () => {
    const footprint = planFootprint(plan(modelProfile("qwen3.5-27b")));
    const at = (beams: number): number => footprintOf(footprint, { batch: 2, context: 9, beams }).cacheBytes;
    expect(at(4)).toBe(4 * at(1));
  });

  test("the fullest pipeline stage sets the largest batch: Llama-3.1-70B's last of 4 within 40 GB", () => {
    const staged = plan(modelProfile("llama-3.1-70b"), { parallelism: { tensor: 1, pipeline: 4, expert: 1 } });
    const layer = 2 * 8192 ** 2 + 2 * 8192 * 1024 + 3 * 8192 * 28_672 + 2 * 8192;
    // 20 layers, the LM head and the final norm, in 2 bytes.
    const last = 2 * (20 * layer + 128_256 * 8192 + 8192);
    const request = 20 * 2 * 8 * 128 * 2 * 2048;
    const footprint = planFootprint(staged);
    expect(largestBatch(footprint, { context: 2048 }, 40e9)).toBe(Math.floor((40e9 - last) / request));
    expect(largestBatch(footprint, { context: 2048 }, last + request)).toBe(1);
    expect(largestBatch(footprint, { context: 2048 }, last + request - 1)).toBe(0);
    expect(largestBatch(footprint, { context: 2048 }, last - 1)).toBe(0);
  });

  test("no rows, no limit: the largest batch at a context of none is unknown", () => {
    expect(largestBatch(planFootprint(plan(llama)), { context: 0 }, 80e9)).toBeNull();
  });
});
