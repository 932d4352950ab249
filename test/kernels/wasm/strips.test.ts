import { afterAll, describe, expect, it } from "vitest";
import { softmaxAttention } from "../../../src/architecture/softmax-attention.ts";
import type { DecodeStepWork } from "../../../src/kernels/kernel.ts";
import { referenceBackend } from "../../../src/kernels/reference/reference-backend.ts";
import { spawnNodeThread } from "../../../src/kernels/wasm/spawn-thread-node.ts";
import { wasmBackend } from "../../../src/kernels/wasm/wasm-backend.ts";
import { parseNumberFormat } from "../../../src/quantity/number-format.ts";
import { defaultStepOptions } from "../../../src/step/step-options.ts";
import { answerOf } from "../conformance.ts";
import { layerOf, modelOf } from "../reference/small-models.ts";

const backend = wasmBackend({ threads: 2 }, spawnNodeThread);
afterAll(() => backend.close());

describe("matrices in strips of columns", () => {
  it.each([
    ["fp32", 1, 1e-4],
    ["bf16", 1, 1e-2],
    ["int8", 2, 5e-2],
  ])("a table of rows longer than a strip is looked up and multiplied by alike, %s", async (id, batch, tolerance) => {
    const format = parseNumberFormat(id);
    const attention = softmaxAttention({ heads: 2, kvHeads: 1, headDim: 16 });
    const work: DecodeStepWork = {
      kind: "decode-step",
      model: modelOf([layerOf(attention)], [0], { dModel: 1100, vocab: 40, tiedEmbeddings: true }),
      options: { ...defaultStepOptions, weights: format, kvCache: format, activations: parseNumberFormat("fp32") },
      seed: 5,
      batch,
      context: 3,
    };
    const [ours, exact] = [await answerOf(backend, work), await answerOf(referenceBackend(), work)];
    const off = ours.reduce((sum, value, i) => sum + (value - (exact[i] as number)) ** 2, 0);
    expect(off / exact.reduce((sum, value) => sum + value ** 2, 0)).toBeLessThan(tolerance ** 2);
  });
});
