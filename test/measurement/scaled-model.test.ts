import { describe, expect, it } from "vitest";
import { countParameters } from "../../src/architecture/weights.ts";
import { scaledModel } from "../../src/measurement/scaled-model.ts";
import { parametersRead, stepModel } from "../../src/measurement/step-model.ts";
import { modelProfile } from "../fixtures/profiles.ts";

const llama = modelProfile("llama-2-7b");

describe("scaledModel", () => {
  it("makes Llama-2-7B a quarter as wide and an eighth as deep, and says so", () => {
    const { dimensions, note } = scaledModel(llama, { dModel: 1024, layers: 4 });
    expect(dimensions).toEqual({
      ...{ model: "llama-2-7b-d1024-l4", layers: 4, dModel: 1024, heads: 8, kvHeads: 8, headDim: 128 },
      ...{ dFf: 2752, gated: true, vocab: 8000, window: null },
    });
    expect(note).toBe(
      "llama-2-7b-d1024-l4 is llama-2-7b scaled down: layers 4 of 32, d_model 1024 of 4096, heads 8 of 32, d_ff 2752 of 11008, words 8000 of 32000",
    );
  });

  it("leaves a model that is small enough as it is", () => {
    const { dimensions, note } = scaledModel(llama, { dModel: 4096, layers: 100 });
    expect(note).toBeNull();
    expect(dimensions).toMatchObject({ model: "llama-2-7b", layers: 32, dFf: 11_008, vocab: 32_000 });
    expect(countParameters(stepModel(dimensions)).total).toBe(countParameters(llama).total);
  });

  it("keeps the groups of K/V heads where they divide, else makes one K/V head", () => {
    const grouped = modelProfile("llama-3.1-8b");
    expect(scaledModel(grouped, { dModel: 2048, layers: 2 }).dimensions).toMatchObject({ heads: 16, kvHeads: 4 });
    expect(scaledModel(grouped, { dModel: 256, layers: 2 }).dimensions).toMatchObject({ heads: 2, kvHeads: 1 });
  });

  it.each(["deepseek-v3", "mixtral-8x7b", "flan-t5-xl"])("refuses %s, whose step no row's columns describe", (id) => {
    expect(() => scaledModel(modelProfile(id), { dModel: 512, layers: 2 })).toThrow("softmax attention and dense");
  });
});

describe("parametersRead", () => {
  it("of Llama-2-7B is all but the embedding table and the final norm", () => {
    const { dimensions } = scaledModel(llama, { dModel: 4096, layers: 32 });
    expect(parametersRead(dimensions)).toBe(6_607_339_520);
    expect(stepModel({ ...dimensions, model: null }).name).toBe("measured model");
  });
});
