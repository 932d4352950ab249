import { describe, expect, it } from "vitest";
import { softmaxAttention } from "../../../src/architecture/softmax-attention.ts";
import { feedForwardLayer } from "../../../src/kernels/reference/feed-forward-layer.ts";
import { plainProcessor } from "../../../src/kernels/reference/plain-processor.ts";
import type { Tensor } from "../../../src/kernels/reference/processor.ts";
import { defaultStepOptions } from "../../../src/step/step-options.ts";
import { layerOf, modelOf } from "./small-models.ts";

/** Of one token of width 2, through a network of width 2 whose matrices are given. */
function networkOf(gated: boolean, up: readonly number[], down: readonly number[], input: readonly number[]): number[] {
  const tensor = (values: readonly number[]): Tensor => plainProcessor.tensor("weights", Float64Array.from(values), 8);
  const feedForward = { kind: "dense", dFf: 2, gated, bias: false } as const;
  const layer = layerOf(softmaxAttention({ heads: 1, kvHeads: 1, headDim: 2 }), { feedForward });
  const frame = {
    processor: plainProcessor,
    model: modelOf([layer], [0], { dModel: 2, vocab: 2 }),
    options: defaultStepOptions,
    phase: "decode" as const,
    sequences: 1,
    queryTokens: 1,
    tokens: 1,
    context: 1,
    activationBytes: 8,
  };
  const dense = {
    up: { inFeatures: 2, outFeatures: gated ? 4 : 2, matrix: tensor(up), bias: null },
    down: { inFeatures: 2, outFeatures: 2, matrix: tensor(down), bias: null },
  };
  const output = feedForwardLayer(frame, feedForward, { dense, mixture: null }, tensor(input));
  return [output.read(0), output.read(1)];
}

describe("feedForwardLayer", () => {
  it("without a gate is W₂ ReLU(W₁ x): what is below 0 is dropped, what is above is kept as it is", () => {
    // W₁ x = (3, −1); ReLU leaves (3, 0); W₂ makes (3, 6).
    expect(networkOf(false, [1, 1, 1, -1], [1, 5, 2, 7], [1, 2])).toEqual([3, 6]);
  });

  it("with a gate is W₃ (SiLU(W₁ x) · W₂ x)", () => {
    // W₁ x = (3, −1), W₂ x = (1, 2).
    const silu = (x: number): number => x / (1 + Math.exp(-x));
    const [first, second] = networkOf(true, [1, 1, 1, -1, 1, 0, 0, 1], [1, 0, 0, 1], [1, 2]);
    expect(first).toBeCloseTo(silu(3), 12);
    expect(second).toBeCloseTo(2 * silu(-1), 12);
  });
});
