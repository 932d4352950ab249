import { describe, expect, it } from "vitest";
import { applyAttention, applyWindow } from "../../src/architecture/attention-variant.ts";
import type { QualityAspect } from "../../src/planning/published-quality.ts";
import { type QualityQuestion, qualityOf, qualityOfChange, qualityText } from "../../src/planning/quality-of-change.ts";
import { parseNumberFormat } from "../../src/quantity/number-format.ts";
import { modelProfile } from "../fixtures/profiles.ts";

const citesOf = (figures: readonly { readonly cite: string }[]): string[] => [
  ...new Set(figures.map((each) => each.cite)),
];

function questionOf(id: string, formats: { weights?: string; kvCache?: string } = {}): QualityQuestion {
  const formatOf = (name: string | undefined) => [name === undefined ? null : parseNumberFormat(name)];
  return { model: modelProfile(id), weights: formatOf(formats.weights), kvCaches: formatOf(formats.kvCache) };
}

describe("qualityOf", () => {
  it("has Shazeer's, Ainslie's and DeepSeek's figures of MHA to MQA", () => {
    const figures = qualityOf("attention", "mha", "mqa");
    expect(citesOf(figures)).toEqual(["Shazeer 2019", "Ainslie et al. 2023", "DeepSeek-V2 2024"]);
    expect(figures[0]).toMatchObject({ value: 1.439, baseline: 1.424, better: "lower", variant: "MQA" });
    expect(figures.map(({ value, baseline }) => [value, baseline])).toContainEqual([46.6, 47.2]);
    expect(figures.map(({ value, baseline }) => [value, baseline])).toContainEqual([30.2, 29.9]);
  });

  it("turns the same figures round for the way back", () => {
    const [there, back] = [qualityOf("attention", "mha", "mqa"), qualityOf("attention", "mqa", "mha")];
    expect(back.map((each) => [each.baseline, each.value])).toEqual(there.map((each) => [each.value, each.baseline]));
  });

  it("takes any number of groups for the 8 measured, and MHA's figures where a study has no groups", () => {
    expect(qualityOf("attention", "mha", "gqa:4")).toEqual(qualityOf("attention", "mha", "gqa:8"));
    const figures = qualityOf("attention", "gqa:8", "mqa");
    const shown = figures.map(({ cite, baselineVariant }) => `${cite}: ${baselineVariant}`);
    expect(shown).toContain("Ainslie et al. 2023: GQA-8");
    expect(shown).toContain("Shazeer 2019: MHA");
    expect(citesOf(qualityOf("attention", "gqa:8", "mla"))).toEqual(["DeepSeek-V2 2024"]);
  });

  it.each<[QualityAspect, string, string]>([
    ["attention", "mla", "mqa"],
    ["attention", "gqa:8", "gqa:4"],
    ["attention", "mha", "mha"],
    ["attention", "mha", "linear"],
    ["attention", "16-bit", "int8"],
    ["attention", "mha", "constructor"],
    ["window", "window:4096", "window:32"],
    ["kv-cache", "int8", "fp8"],
    ["weights", "16-bit", "2-bit"],
  ])("has none of %s from %s to %s", (aspect, from, to) => {
    expect(qualityOf(aspect, from, to)).toEqual([]);
  });
});

describe("qualityOfChange", () => {
  it("says what the attention's change did elsewhere: MQA in place of Llama-2-7B's MHA", () => {
    const before = questionOf("llama-2-7b");
    const figures = qualityOfChange(before, { ...before, model: applyAttention(before.model, "mqa") });
    expect(figures).toEqual(qualityOf("attention", "mha", "mqa"));
  });

  it("says what formats did: an int8 cache, fp8 weights, and both together", () => {
    const cache = qualityOfChange(questionOf("llama-2-7b"), questionOf("llama-2-7b", { kvCache: "int8" }));
    expect(citesOf(cache)).toEqual(["LMDeploy"]);
    const both = qualityOfChange(
      questionOf("llama-2-7b", { kvCache: "fp16" }),
      questionOf("llama-2-7b", { kvCache: "fp8", weights: "fp8" }),
    );
    expect(citesOf(both)).toEqual(["SGLang", "TensorRT-LLM"]);
  });

  it.each<[string, readonly string[]]>([
    ["int4:32", ["LMDeploy", "KIVI 2024"]],
    ["q4_0", ["LMDeploy", "KIVI 2024"]],
    ["q8_0", ["LMDeploy"]],
    ["nvfp4", ["SGLang"]],
    ["bits:3", ["KIVI 2024"]],
    ["bits:2", ["KIVI 2024"]],
    ["bits:3.5", []],
    ["bits:1", []],
    ["fp32", []],
  ])("knows a cache of %s from %j", (kvCache, cites) => {
    expect(citesOf(qualityOfChange(questionOf("llama-2-7b"), questionOf("llama-2-7b", { kvCache })))).toEqual(cites);
  });

  it("starts from the format that the weights are published in: bf16 for DeepSeek-V3 is fp8's way back", () => {
    const figures = qualityOfChange(questionOf("deepseek-v3"), questionOf("deepseek-v3", { weights: "bf16" }));
    expect(figures).toEqual(qualityOf("weights", "fp8", "16-bit"));
    expect(figures.length).toBe(4);
    expect(qualityOfChange(questionOf("gpt-oss-120b"), questionOf("gpt-oss-120b", { weights: "fp8" }))).toEqual([]);
  });

  it("shows windows' figures for a model that had none, and none where layers differed", () => {
    const windowed = (id: string) => {
      const before = questionOf(id);
      return qualityOfChange(before, { ...before, model: applyWindow(before.model, 4096) });
    };
    expect(windowed("llama-2-7b").map((each) => each.variant)).toContain("a window of 32");
    expect(windowed("gemma-3-27b")).toEqual([]);
  });

  it("has none where nothing changes", () => {
    for (const id of ["llama-2-7b", "llama-4-scout", "deepseek-v3", "qwen3.5-27b"]) {
      expect(qualityOfChange(questionOf(id), questionOf(id)), id).toEqual([]);
    }
  });
});

describe("qualityText", () => {
  it("says of which model each figure is, against what, and where it stands", () => {
    const texts = qualityOf("attention", "mha", "gqa:8").map(qualityText);
    expect(texts[0]).toBe(
      "GQA-8 against MHA, T5-XXL: 47.1 against 47.2 average over 7 tasks, Ainslie et al. 2023 " +
        "(MQA and GQA uptrained from MHA with 5 % of the pre-training)",
    );
    const cache = qualityOf("kv-cache", "16-bit", "fp8").map(qualityText);
    expect(cache[0]).toBe(
      "fp8 cache against 16-bit cache, Qwen3-235B-A22B: 91.81 against 91.68 GSM8K, SGLang (preliminary; fp4 in blocks of 16)",
    );
    expect(qualityText(qualityOf("attention", "mha", "mqa")[0]!)).toContain("dev) (lower is better), Shazeer 2019");
  });
});
