import { describe, expect, it } from "vitest";
import { stepKernels } from "../../src/measurement/step-kernels.ts";
import { stepShape } from "./shapes.ts";

/** Qwen3-0.6B's attention on its d_model: heads × head size is twice as wide. */
const wide = { ...stepShape, dModel: 1024, heads: 16, kvHeads: 8, headDim: 128, dFf: 3072, vocab: 151_936 };

describe("stepKernels", () => {
  it("has the step's own linear layers: q/k/v of 16 + 2 × 8 heads, output from 2048, gate and up, down, logits", () => {
    expect(stepKernels(wide).linear).toEqual([
      { what: "q/k/v", k: 1024, n: 32 * 128 },
      { what: "output", k: 2048, n: 1024 },
      { what: "up", k: 1024, n: 2 * 3072 },
      { what: "down", k: 3072, n: 1024 },
      { what: "logits", k: 1024, n: 151_936 },
    ]);
  });

  it("turns query and key heads together, and appends a row of keys and values in either format", () => {
    const { elementwise } = stepKernels(wide);
    const of = (name: string) => elementwise.filter(({ op }) => op === name);
    expect(of("rotary-embedding")).toMatchObject([{ features: (16 + 8) * 128, headDim: 128 }]);
    expect(of("cache-append").map(({ dtype, features }) => [dtype, features])).toEqual([
      ["fp32", 2048],
      ["bf16", 2048],
    ]);
    for (const { features } of [...of("normalization"), ...of("residual")]) expect(features).toBe(1024);
  });

  it("is gated where the model is", () => {
    const gatedOf = (gated: boolean) =>
      stepKernels({ ...wide, gated }).elementwise.find(({ op }) => op === "feed-forward-activation");
    expect(gatedOf(true)).toMatchObject({ gated: true, features: 3072 });
    expect(gatedOf(false)).toMatchObject({ gated: false, features: 3072 });
    expect(stepKernels({ ...wide, gated: false }).linear.find(({ what }) => what === "up")?.n).toBe(3072);
  });
});
