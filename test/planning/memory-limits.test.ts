import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { predictStep, stepPredictor } from "../../src/analysis/predict-step.ts";
import type { Model } from "../../src/architecture/model.ts";
import type { Parallelism } from "../../src/architecture/shard.ts";
import { type MemoryLimits, memoryLimits } from "../../src/planning/memory-limits.ts";
import { InvalidInput } from "../../src/quantity/invalid-input.ts";
import { engineMemories } from "../../src/serving/engine-memory.ts";
import { anyModel } from "../fixtures/arbitrary.ts";
import { hardwareProfile, modelProfile } from "../fixtures/profiles.ts";

const h100 = hardwareProfile("h100-sxm");
const single = { tensor: 1, pipeline: 1, expert: 1 };

/** Of all of the memory, unless an engine is named that keeps a part. */
function limitsOf(model: Model, parallelism: Parallelism, engine: keyof typeof engineMemories = "ideal"): MemoryLimits {
  const decode = stepPredictor(model, h100, { step: { parallelism } });
  const prefill = stepPredictor(model, h100, { step: { parallelism, phase: "prefill" } });
  const kept = { engine: engineMemories[engine], stepTokens: 2048, maxSequences: 64 };
  return memoryLimits({ decode, prefill, hardware: h100, ...kept, memoryShare: engine === "ideal" ? 1 : null });
}

describe("memoryLimits", () => {
  it("gives Llama 3.1 8B on a bare H100 64 requests of 8192 tokens, or one of 526,099, as by hand", () => {
    const limits = limitsOf(modelProfile("llama-3.1-8b"), single);
    // 85,017,493,504 less 2 × 8,030,261,248 of weights leave 68,956,971,008; a token takes 131,072.
    expect(limits.tightest(8192).roomBytes).toBe(68_956_971_008);
    expect(limits.largestBatch(8192)).toBe(Math.floor(68_956_971_008 / (8192 * 131_072)));
    expect(limits.longestContext(1)).toBe(Math.floor(68_956_971_008 / 131_072));
    expect(limits.longestContext(64)).toBe(Math.floor(68_956_971_008 / 131_072 / 64));
  });

  it.each(["vllm", "trt-llm", "llama.cpp", "ideal"] as const)(
    "ends at the last page of %s: as many requests fit there, and one fewer a page further",
    (engine) => {
      const { pageRows } = engineMemories[engine];
      for (const id of ["llama-3.1-8b", "gemma-3-12b", "deepseek-v2-lite"]) {
        const limits = limitsOf(modelProfile(id), single, engine);
        for (const batch of [1, 7, 64]) {
          const longest = limits.longestContext(batch) ?? Number.NaN;
          expect(longest % pageRows).toBe(0);
          expect(limits.largestBatch(longest)).toBeGreaterThanOrEqual(batch);
          expect(limits.largestBatch(longest + 1)).toBeLessThan(batch);
        }
      }
    },
  );

  it("has 0 requests and 0 tokens where the weights alone do not fit", () => {
    const limits = limitsOf(modelProfile("llama-3.1-70b"), single);
    expect([limits.largestBatch(1), limits.longestContext(1)]).toEqual([0, 0]);
    expect(limits.tightest(1).roomBytes).toBe(85_017_493_504 - 141_107_412_992);
  });

  it("sets a limit to the batch and none to the context where all layers have a window or a fixed state", () => {
    const mistral = modelProfile("mistral-7b-v0.1");
    const windowed = limitsOf(mistral, single);
    expect(windowed.longestContext(1)).toBeNull();
    expect(windowed.largestBatch(1e6)).toBe(windowed.largestBatch(4096));
    expect(windowed.largestBatch(4095)).toBeGreaterThanOrEqual(windowed.largestBatch(4096) ?? Number.NaN);
    const qwen = modelProfile("qwen3.5-27b");
    const linear = { ...qwen, decoder: { ...qwen.decoder, order: qwen.decoder.order.filter((kind) => kind === 0) } };
    expect(linear.decoder.kinds[0]?.attention.kind).toBe("linear");
    const state = limitsOf(linear, single);
    expect(state.longestContext(1)).toBeNull();
    // A matrix of 48 × 128 × 128 in 32 bits and 3 inputs of 2 × 16 × 128 + 48 × 128 channels in 16, in 48 layers.
    const bytes = 48 * (48 * 128 * 128 * 4 + 3 * (2 * 16 * 128 + 48 * 128) * 2);
    const most = Math.floor(state.tightest(1).roomBytes / bytes);
    expect([state.largestBatch(1), state.largestBatch(1e6)]).toEqual([most, most]);
    expect([state.longestContext(most), state.longestContext(most + 1)]).toEqual([null, 0]);
  });

  it("takes the stage that is full first at each context: windowed layers at short ones, global layers at long ones", () => {
    const gemma = modelProfile("gemma-3-27b");
    const [local, global] = [gemma.decoder.order[0]!, gemma.decoder.order[5]!];
    // 20 layers with a window before 4 without one.
    const order = [
      ...Array.from({ length: 12 }, () => local),
      ...Array.from({ length: 8 }, () => local),
      ...[global, global, global, global],
    ];
    const model = { ...gemma, vocab: 1000, decoder: { ...gemma.decoder, order } };
    const limits = limitsOf(model, { ...single, pipeline: 2 });
    const rowBytes = 2 * 16 * 128 * 2;
    expect(limits.tightest(1024).requestBytes(1024)).toBe(12 * 1024 * rowBytes);
    expect(limits.tightest(8192).requestBytes(8192)).toBe((8 * 1024 + 4 * 8192) * rowBytes);
  });

  it("holds with what a step says of its largest batch, for any model, layout and context", () => {
    const layouts = fc.constantFrom(
      single,
      { tensor: 2, pipeline: 1, expert: 1 },
      { tensor: 1, pipeline: 2, expert: 1 },
      { tensor: 2, pipeline: 3, expert: 4 },
    );
    let compared = 0;
    fc.assert(
      fc.property(anyModel, layouts, fc.integer({ min: 1, max: 200_000 }), (model, parallelism, context) => {
        try {
          const step = predictStep(stepPredictor(model, h100, { step: { parallelism } }), { batch: 1, context });
          compared++;
          expect(limitsOf(model, parallelism).largestBatch(context)).toBe(step.largestBatch);
        } catch (error) {
          if (!(error instanceof InvalidInput)) throw error;
        }
      }),
    );
    expect(compared).toBeGreaterThan(20);
  });
});
