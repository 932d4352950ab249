/** What one device holds of each kind of layer. */
import { describe, expect, test } from "vitest";
import type { Model } from "../../src/architecture/model.ts";
import { dataParallelGroups, shardModel, singleDevice } from "../../src/architecture/shard.ts";
import { modelProfile } from "../fixtures/profiles.ts";

const on = (model: Model, tensor: number, expert = 1): Model => shardModel(model, { tensor, pipeline: 1, expert });

describe("a device's part", () => {
  test("T5-base on 4: 3 of 12 heads in encoder, decoder and cross-attention, a quarter of width and vocabulary", () => {
    const part = on(modelProfile("t5-base"), 4);
    expect(part.vocab).toBe(8032);
    for (const layer of [...part.decoder.kinds, ...(part.encoder?.kinds ?? [])]) {
      expect(layer).toMatchObject({ attention: { heads: 3, kvHeads: 3 }, feedForward: { dFf: 768 } });
    }
    for (const layer of part.decoder.kinds) expect(layer.crossAttention).toMatchObject({ heads: 3, kvHeads: 3 });
    expect(part.encoder?.kinds.every((layer) => layer.crossAttention === null)).toBe(true);
  });

  test("a vocabulary that doesn't divide is rounded up: GPT-2's 50,257 rows on 4 are 12,565 each", () => {
    expect(on(modelProfile("gpt2"), 4).vocab).toBe(12_565);
  });

  test("Qwen3.5-27B on 8: 2 of 16 key heads, 6 of 48 value heads, 4 K/V heads held twice", () => {
    const [linear, full] = on(modelProfile("qwen3.5-27b"), 8).decoder.kinds;
    expect(linear?.attention).toMatchObject({ kind: "linear", keyHeads: 2, valueHeads: 6, keyDim: 128 });
    expect(full?.attention).toMatchObject({ heads: 3, kvHeads: 1 });
    expect(() => on(modelProfile("qwen3.5-27b"), 32)).toThrow("invalid tensorParallel: 32 (must divide key heads 16)");
  });

  test("latent attention: heads are divided, the cached row is not", () => {
    const attention = on(modelProfile("deepseek-v3"), 8).decoder.kinds[0]?.attention;
    expect(attention).toMatchObject({ kind: "latent", heads: 16, kvRank: 512, ropeDim: 64 });
  });

  test("routed experts go by the expert group, the shared one by the tensor group, the router is whole", () => {
    const qwen = modelProfile("qwen3.5-35b-a3b");
    // Expert group wider than the tensor group: whole experts.
    expect(on(qwen, 2, 4).decoder.kinds[0]?.feedForward).toMatchObject({
      experts: 64,
      routerWidth: 256,
      expertsPerToken: 2,
      dFf: 512,
      sharedDFf: 256,
    });
    // Narrower: each expert is cut in two besides.
    expect(on(qwen, 4, 2).decoder.kinds[0]?.feedForward).toMatchObject({
      experts: 128,
      expertsPerToken: 4,
      dFf: 256,
      sharedDFf: 128,
    });
  });

  test("a single device holds the model itself", () => {
    const model = modelProfile("mixtral-8x7b");
    expect(shardModel(model, singleDevice)).toBe(model);
    expect(dataParallelGroups({ tensor: 4, pipeline: 1, expert: 2 })).toBe(1);
    expect(dataParallelGroups({ tensor: 2, pipeline: 1, expert: 8 })).toBe(4);
  });
});
