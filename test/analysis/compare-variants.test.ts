import { describe, expect, it } from "vitest";
import { compareVariants } from "../../src/analysis/compare-variants.ts";
import { predictStep, stepPredictor } from "../../src/analysis/predict-step.ts";
import { applyAttention } from "../../src/architecture/attention-variant.ts";
import { hardwareProfile, modelProfile } from "../fixtures/profiles.ts";

const llama = modelProfile("llama-2-7b");
const h100 = hardwareProfile("h100-sxm");
const variant = (attention: string) => ({ attention, model: applyAttention(llama, attention) });
const variants = [variant("mha"), variant("gqa:8"), variant("mqa")];

describe("compareVariants", () => {
  it("gives a row a machine, batch, context and variant, in that order", () => {
    const rows = compareVariants({
      variants,
      hardware: [h100, hardwareProfile("mi300x")],
      batches: [1, 16],
      contexts: [512],
    });
    expect(rows).toHaveLength(12);
    expect(rows.slice(0, 4).map((row) => [row.hardware, row.batch, row.attention])).toEqual([
      ["h100-sxm", 1, "mha"],
      ["h100-sxm", 1, "gqa:8"],
      ["h100-sxm", 1, "mqa"],
      ["h100-sxm", 16, "mha"],
    ]);
  });

  it("holds the very numbers of a step on its own", () => {
    const [row] = compareVariants({ variants: [variant("gqa:8")], hardware: [h100], batches: [16], contexts: [2048] });
    const { operations: _, ...step } = predictStep(stepPredictor(variant("gqa:8").model, h100), {
      batch: 16,
      context: 2048,
    });
    expect(row).toEqual({ ...step, attention: "gqa:8", speedup: 1 });
  });

  it("gives 32 MHA heads 32 times the K/V bytes of MQA, and the speed-up as the ratio of the times", () => {
    const [mha, , mqa] = compareVariants({ variants, hardware: [h100], batches: [16], contexts: [8192] });
    expect(mha?.totals.kvBytes).toBe(32 * (mqa?.totals.kvBytes ?? 0));
    expect(mha?.speedup).toBe(1);
    expect(mqa?.speedup).toBe((mha?.seconds ?? 0) / (mqa?.seconds ?? 1));
    expect(mqa?.speedup).toBeGreaterThan(1);
  });

  it("gives no speed and no speed-up where the first variant does not fit, and what the others cost", () => {
    const [mha, , mqa] = compareVariants({ variants, hardware: [h100], batches: [64], contexts: [8192] });
    expect(mha).toMatchObject({ fits: false, seconds: null, tokensPerSecond: null, bound: null, speedup: null });
    expect(mqa).toMatchObject({ fits: true, speedup: null });
    expect(mqa?.seconds).toBeGreaterThan(0);
  });

  it("refuses empty lists and more than 100,000 steps", () => {
    const one = { variants, hardware: [h100], batches: [1], contexts: [1] };
    expect(() => compareVariants({ ...one, batches: [] })).toThrow("invalid batch: nothing (wants at least one)");
    expect(() => compareVariants({ ...one, contexts: Array.from({ length: 33_334 }, (_, i) => i + 1) })).toThrow(
      "invalid batch: 100002 steps in all (compare takes at most 100,000",
    );
  });
});
