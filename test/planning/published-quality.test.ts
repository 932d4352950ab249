import { describe, expect, it } from "vitest";
import { publishedQuality } from "../../src/planning/published-quality.ts";

const variants: Readonly<Record<string, readonly string[]>> = {
  attention: ["mha", "gqa:8", "mqa", "mla"],
  window: ["full", "window:32"],
  "kv-cache": ["16-bit", "fp8", "int8", "int4", "fp4", "2-bit"],
  weights: ["16-bit", "fp8", "int8", "int4", "q4_0", "q4_k_m"],
};

describe("publishedQuality", () => {
  it("has for each series two variants at least, finite figures above 0, a model, a short and a full source", () => {
    for (const { aspect, model, measured, values, cite, source } of publishedQuality) {
      const title = `${aspect}, ${model}, ${measured}`;
      expect(Object.keys(values).length, title).toBeGreaterThanOrEqual(2);
      expect(variants[aspect], title).toEqual(expect.arrayContaining(Object.keys(values)));
      for (const value of Object.values(values)) expect(Number.isFinite(value) && value > 0, title).toBe(true);
      for (const text of [model, measured, cite, source]) expect(text.trim(), title).not.toBe("");
      expect(source.length, title).toBeGreaterThan(cite.length);
    }
  });

  it("has lower for perplexities and higher for shares and BLEU, which are at most 100", () => {
    for (const { measured, better, values } of publishedQuality) {
      expect(better).toBe(measured.includes("perplexity") ? "lower" : "higher");
      if (better === "higher") expect(Math.max(...Object.values(values))).toBeLessThanOrEqual(100);
    }
  });

  it("has no two series of the same thing", () => {
    const names = publishedQuality.map(({ aspect, model, measured, cite }) => [aspect, model, measured, cite].join());
    expect(new Set(names).size).toBe(names.length);
  });

  it("has T5-XXL's averages as the means of the seven tasks in the same table to 0.1, and MQA's to 0.16, as it is printed", () => {
    const tasks = {
      mha: [43.8, 45.6, 47.5, 36.4, 46.9, 28.4, 81.9],
      "gqa:8": [43.5, 45.4, 47.7, 36.3, 47.2, 28.4, 81.6],
      mqa: [43.0, 45.0, 46.9, 36.1, 46.5, 28.5, 81.3],
    };
    const averages = publishedQuality.find((each) => each.model === "T5-XXL")?.values;
    expect(Object.keys(averages ?? {})).toEqual(Object.keys(tasks));
    for (const [variant, scores] of Object.entries(tasks)) {
      const mean = scores.reduce((sum, each) => sum + each, 0) / scores.length;
      expect(Math.abs((averages?.[variant] ?? 0) - mean), variant).toBeLessThan(variant === "mqa" ? 0.16 : 0.1);
    }
  });

  it("has 1 % or less lost to fp8 weights on MMLU, as TensorRT-LLM's own column of losses prints", () => {
    const losses = publishedQuality
      .filter((each) => each.cite === "TensorRT-LLM")
      .map(({ values }) => (100 * ((values["16-bit"] ?? 0) - (values["fp8"] ?? 0))) / (values["16-bit"] ?? 1));
    for (const [index, printed] of [0.14, 0.89, 0.87, 0.21].entries()) expect(losses[index]).toBeCloseTo(printed, 2);
  });
});
