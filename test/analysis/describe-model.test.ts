import { describe, expect, it } from "vitest";
import { describeModel } from "../../src/analysis/describe-model.ts";
import { applyWindow } from "../../src/architecture/attention-variant.ts";
import { footprintOf, planFootprint } from "../../src/step/footprint.ts";
import { defaultStepOptions } from "../../src/step/step-options.ts";
import { planStep } from "../../src/step/step-plan.ts";
import { modelProfile } from "../fixtures/profiles.ts";

describe("describeModel", () => {
  it("describes Llama 2 7B: 6,738,415,616 parameters (its safetensors' total), 2 bytes each", () => {
    const d = describeModel(modelProfile("llama-2-7b"));
    expect(d.parameters).toBe(6_738_415_616);
    expect(d.activeParameters).toBe(6_738_415_616);
    expect(d.kvBytesPerToken).toBe(524_288);
    expect(d.weightBytes.find(({ format }) => format === "bf16")?.bytes).toBe(2 * 6_738_415_616);
    expect(d.weightBytes[0]).toEqual({ format: "published", bytes: 2 * 6_738_415_616 });
    expect(d.layerKinds).toMatchObject([{ stack: "decoder", count: 32, kvBytesPerToken: 16_384 }]);
  });

  it("finds the context where the cache equals the weights in closed form: 13,476,831,232 / 524,288 rounded up", () => {
    expect(describeModel(modelProfile("llama-2-7b")).cacheEqualsWeightsContext).toBe(25_706);
  });

  it("gives the published K/V bytes a token", () => {
    // DeepSeek-V3 technical report, Llama 3.1 configurations, Falcon-7B's one K/V head of 64 in 32 layers.
    const bytes = (id: string): number => describeModel(modelProfile(id)).kvBytesPerToken;
    expect(bytes("deepseek-v3")).toBe(70_272);
    expect(bytes("llama-3.1-70b")).toBe(327_680);
    expect(bytes("llama-3.1-8b")).toBe(131_072);
    expect(bytes("falcon-7b")).toBe(8_192);
  });

  it("finds it by bisection where windows stop growing, and nothing where all of them do", () => {
    const gemma = modelProfile("gemma-3-27b");
    const context = describeModel(gemma).cacheEqualsWeightsContext ?? 0;
    const plan = planFootprint(planStep(gemma, defaultStepOptions));
    const at = (rows: number) => footprintOf(plan, { batch: 1, context: rows });
    expect(at(context).cacheBytes).toBeGreaterThanOrEqual(at(context).weightBytes);
    expect(at(context - 1).cacheBytes).toBeLessThan(at(context).weightBytes);
    expect(describeModel(applyWindow(modelProfile("llama-2-7b"), 1024)).cacheEqualsWeightsContext).toBeNull();
  });

  it("counts active parameters of a mixture, and the encoder's layers apart", () => {
    const deepseek = describeModel(modelProfile("deepseek-v3"));
    expect(deepseek.activeParameters / 37e9).toBeCloseTo(1, 1);
    expect(deepseek.layerKinds.map(({ count }) => count)).toEqual([3, 58]);
    const t5 = describeModel(modelProfile("flan-t5-xl"));
    expect(t5.encoderLayers).toBe(24);
    expect(t5.layerKinds.some(({ stack }) => stack === "encoder")).toBe(true);
  });
});

describe("layers in words", () => {
  const wordsOf = (id: string): string[][] =>
    describeModel(modelProfile(id)).layerKinds.map(({ attention, feedForward }) => [attention, feedForward]);

  it("names linear and latent attention, chunks, cross-attention, experts with and without a shared one", () => {
    expect(wordsOf("qwen3.5-27b")[0]).toEqual(["linear, 48 value heads of 128 x 128", "gated 17408"]);
    expect(wordsOf("deepseek-v2-lite")[1]).toEqual([
      "latent, 16 heads, K/V rank 512 + 64",
      "6 of 64 experts of gated 1408, shared 2816",
    ]);
    expect(wordsOf("deepseek-v3")[0]?.[0]).toBe("latent, 128 heads, query rank 1536, K/V rank 512 + 64");
    expect(wordsOf("llama-4-scout")[0]?.[0]).toBe("40 heads, 8 K/V heads of 128, chunk 8192");
    expect(wordsOf("mixtral-8x7b")[0]).toEqual(["32 heads, 8 K/V heads of 128", "2 of 8 experts of gated 14336"]);
    expect(wordsOf("t5-base")[0]).toEqual([
      "12 heads, 12 K/V heads of 64, cross-attention 12 heads, 12 K/V heads of 64",
      "3072",
    ]);
  });
});
