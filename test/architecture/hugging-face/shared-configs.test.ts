/** Real config.json files, read where a checkout of them lies beside the project. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { modelCacheElementsPerToken } from "../../../src/architecture/cache-row.ts";
import {
  type HuggingFaceModel,
  modelFromHuggingFace,
} from "../../../src/architecture/hugging-face/model-from-hugging-face.ts";
import type { Layer, Model } from "../../../src/architecture/model.ts";
import { parseJson } from "../../../src/architecture/parse-json.ts";
import { countParameters } from "../../../src/architecture/weights.ts";

const folder = new URL("../../../../shared/hf-configs/", import.meta.url);
const isThere = existsSync(folder);
const suite = isThere ? describe : describe.skip;
if (!isThere)
  console.warn("no ../shared/hf-configs beside the project: the tests on real config.json files are skipped");

function read(name: string): HuggingFaceModel {
  const text = readFileSync(new URL(`${name}.config.json`, folder), "utf8");
  return modelFromHuggingFace(parseJson(text, `${name}.config.json`, "drop"), name);
}

/** The one kind of layer of a model that has one. */
function onlyLayer(model: Model): Layer {
  expect(model.decoder.kinds).toHaveLength(1);
  return model.decoder.kinds[0] as Layer;
}

/** The window of each layer; 0 where its attention has none to speak of. */
function windowsOf(model: Model): (number | null)[] {
  return model.decoder.order.map((index) => {
    const attention = model.decoder.kinds[index]?.attention;
    return attention?.kind === "softmax" ? attention.window : 0;
  });
}

/** Billions of parameters as the models report them; what is more than 1 % off has its reason. */
const reported: Readonly<Record<string, { billions: number; explained?: string }>> = {
  "deepseek-v2-lite": { billions: 15.7 },
  "deepseek-v3": { billions: 671 },
  "falcon-40b": { billions: 41.3 },
  "falcon-7b": { billions: 6.92 },
  "gemma-2-9b": { billions: 9.24 },
  "gemma-2b": { billions: 2.51 },
  "gemma-3-1b": { billions: 1.0 },
  "gemma-4-26b-a4b": { billions: 26, explained: "vision tower, rounding: the text model has 25.2 B" },
  "gpt-oss-20b": { billions: 20.9 },
  gpt2: { billions: 0.124 },
  "kimi-k2": { billions: 1000, explained: "1T is rounded" },
  "llama-2-70b": { billions: 68.98 },
  "llama-3.1-8b": { billions: 8.03 },
  "llama-3.2-1b": { billions: 1.23 },
  "llama-4-maverick": { billions: 400 },
  "llama-4-scout": { billions: 109, explained: "vision tower of 0.9 B, rounding" },
  "mistral-7b-v0.3": { billions: 7.25 },
  "mixtral-8x7b": { billions: 46.7 },
  "mpt-7b": { billions: 6.65 },
  "phi-4": { billions: 14.7 },
  "qwen2.5-7b": { billions: 7.62 },
  "qwen3-30b-a3b": { billions: 30.5 },
  "qwen3-8b": { billions: 8.2 },
  "qwen3.5-27b": { billions: 27 },
  "t5-small-cut": { billions: 0.0605, explained: "the file is cut to one layer" },
};

suite("real config.json files", () => {
  const files = isThere ? readdirSync(folder).filter((name) => name.endsWith(".config.json")) : [];

  it.each(files)("%s loads, and counts what the model reports within 1 %", (file) => {
    const name = file.replace(".config.json", "");
    const { model } = read(name);
    const { total, active } = countParameters(model);
    expect(Number.isSafeInteger(total) && active <= total && active > 0).toBe(true);
    const expected = reported[name];
    if (expected === undefined || expected.explained !== undefined) return;
    expect(Math.abs(total / (expected.billions * 1e9) - 1)).toBeLessThan(0.01);
  });
});

suite("traps of real config.json files", () => {
  it("falcon-7b prints 71 K/V heads and has one: 8,192 bytes a token in bf16", () => {
    const { model, notes } = read("falcon-7b");
    expect(onlyLayer(model)).toMatchObject({
      attention: { heads: 71, kvHeads: 1, headDim: 64 },
      norms: 1,
      parallel: true,
    });
    expect(2 * modelCacheElementsPerToken(model)).toBe(8192);
    expect(notes.join()).toContain("num_kv_heads 71 is not used");
  });

  it("falcon-40b has multi_query true and 8 K/V heads", () => {
    expect(onlyLayer(read("falcon-40b").model)).toMatchObject({ attention: { heads: 128, kvHeads: 8 }, norms: 2 });
  });

  it("deepseek-v3's num_key_value_heads 128 is not the width of its cache: 70,272 bytes a token in bf16", () => {
    const { model } = read("deepseek-v3");
    expect(2 * modelCacheElementsPerToken(model)).toBe(70_272);
    expect(model.decoder.order.slice(0, 5)).toEqual([0, 0, 0, 1, 1]);
    expect(model.publishedWeights).toEqual({ format: "fp8", expertsOnly: false, logitsAt16Bits: true });
    expect(model.decoder.kinds[1]?.feedForward).toMatchObject({ routerBias: true, sharedDFf: 2048 });
  });

  it("deepseek-v2-lite has no q_lora_rank key and projects queries directly", () => {
    const { model } = read("deepseek-v2-lite");
    expect(model.decoder.kinds[0]?.attention).toMatchObject({ kind: "latent", queryRank: null });
    expect(model.tiedEmbeddings).toBe(false);
    expect(model.decoder.kinds[1]?.feedForward).toMatchObject({ routerBias: false, sharedDFf: 2816 });
  });

  it("qwen2.5-7b prints a window that use_sliding_window turns off", () => {
    expect(onlyLayer(read("qwen2.5-7b").model).attention).toMatchObject({
      window: null,
      qkvBias: true,
      outputBias: false,
    });
  });

  it("gemma-2-9b alternates windows though no key says so, and ties its embeddings by class", () => {
    const { model } = read("gemma-2-9b");
    const windows = windowsOf(model);
    expect(windows.slice(0, 4)).toEqual([4096, null, 4096, null]);
    expect(windows.filter((window) => window === 4096)).toHaveLength(21);
    expect(model.tiedEmbeddings).toBe(true);
    expect(model.decoder.kinds[0]?.norms).toBe(4);
  });

  it("gemma-3-1b sees 512 tokens on 22 of 26 layers", () => {
    const { model } = read("gemma-3-1b");
    const windows = windowsOf(model);
    expect(windows.filter((window) => window === 512)).toHaveLength(22);
    expect(windows[5]).toBeNull();
  });

  it("llama-4 has two feed-forward widths and a shared expert that stands in no key", () => {
    const { model } = read("llama-4-maverick");
    const widths = model.decoder.order.slice(0, 2).map((index) => model.decoder.kinds[index]?.feedForward);
    expect(widths[0]).toMatchObject({ kind: "dense", dFf: 16384 });
    expect(widths[1]).toMatchObject({ kind: "mixture", dFf: 8192, sharedDFf: 8192, experts: 128 });
    const scout = read("llama-4-scout").model;
    const chunks = scout.decoder.order.map((index) => scout.decoder.kinds[index]?.attention);
    expect(chunks.filter((attention) => attention?.kind === "softmax" && attention.chunk === 8192)).toHaveLength(36);
    expect(chunks[3]).toMatchObject({ chunk: null, rotaryDim: 0 });
    expect(scout.decoder.kinds.every((kind) => kind.feedForward.kind === "mixture")).toBe(true);
  });

  it("gemma-4 has two head sizes, two K/V head counts and shared keys and values", () => {
    const { model } = read("gemma-4-26b-a4b");
    expect(model.decoder.kinds.map((kind) => kind.attention)).toMatchObject([
      { headDim: 256, kvHeads: 8, window: 1024, sharedKeyValue: false },
      { headDim: 512, kvHeads: 2, window: null, sharedKeyValue: true },
    ]);
    expect(model.decoder.kinds[0]?.feedForward).toMatchObject({ experts: 128, expertsPerToken: 8, sharedDFf: 2112 });
    expect(countParameters(model).total).toBe(25_233_141_760);
  });

  it("qwen3-30b-a3b and gpt-oss-20b have heads × headDim other than dModel", () => {
    const qwen = onlyLayer(read("qwen3-30b-a3b").model);
    expect(qwen).toMatchObject({ attention: { heads: 32, headDim: 128 }, feedForward: { kind: "mixture", dFf: 768 } });
    const oss = read("gpt-oss-20b").model;
    expect(oss.dModel).toBe(2880);
    expect(oss.decoder.kinds[0]?.attention).toMatchObject({ heads: 64, headDim: 64, window: 128, sinks: true });
    expect(oss.publishedWeights).toEqual({ format: "mxfp4", expertsOnly: true, logitsAt16Bits: true });
  });

  it("qwen3.5-27b has linear attention in three of four layers", () => {
    const { model, notes } = read("qwen3.5-27b");
    const kinds = model.decoder.order.map((index) => model.decoder.kinds[index]?.attention.kind);
    expect(kinds.filter((kind) => kind === "linear")).toHaveLength(48);
    expect(kinds.slice(0, 4)).toEqual(["linear", "linear", "linear", "softmax"]);
    expect(model.decoder.kinds[0]?.attention).toMatchObject({ keyHeads: 16, valueHeads: 48 });
    expect(model.decoder.kinds[1]?.attention).toMatchObject({ outputGate: true, rotaryDim: 64, headDim: 256 });
    expect(notes.join()).toContain("vision tower");
  });

  it("t5-small-cut parses: one layer each, gate-less, tied", () => {
    const { model } = read("t5-small-cut");
    expect(model.encoder?.order).toHaveLength(1);
    expect(onlyLayer(model)).toMatchObject({
      norms: 3,
      crossAttention: { heads: 8 },
      attention: { relativeBuckets: 32 },
    });
    expect(model.tiedEmbeddings).toBe(true);
  });

  it("mistral-7b-v0.3 has 8 K/V heads and a window of null; mpt-7b no positions, no biases", () => {
    expect(onlyLayer(read("mistral-7b-v0.3").model).attention).toMatchObject({ kvHeads: 8, window: null });
    const mpt = read("mpt-7b").model;
    expect(mpt).toMatchObject({ positions: 0, norm: "layer", normBias: false });
    expect(onlyLayer(mpt).attention).toMatchObject({ kvHeads: 32, rotaryDim: 0, qkvBias: false });
  });
});
