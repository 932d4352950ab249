import { describe, expect, test } from "vitest";
import { applyAttention, applyWindow, describeAttention } from "../../src/architecture/attention-variant.ts";
import { modelCacheElementsPerToken } from "../../src/architecture/cache-row.ts";
import { countParameters } from "../../src/architecture/weights.ts";
import { modelProfile } from "../fixtures/profiles.ts";

const llama = modelProfile("llama-2-7b");

describe("attention variants of Llama-2-7B", () => {
  test.each([
    ["mha", "MHA 32", 8192],
    ["gqa:8", "GQA 32/8", 2048],
    ["mqa", "MQA 32/1", 256],
    ["mla", "MLA 32", 576],
  ])("%s is %s and caches %d elements a token and layer", (variant, name, elements) => {
    const model = applyAttention(llama, variant);
    expect(describeAttention(model)).toBe(name);
    expect(modelCacheElementsPerToken(model)).toBe(32 * elements);
  });

  test.each(["gqa:5", "gqa:0", "gqa:", "gqa:-1", "gqa", "MHA", "", "__proto__", "gqa:1e3"])(
    "%s is refused",
    (variant) => {
      expect(() => applyAttention(llama, variant)).toThrow(/^invalid attention: /);
    },
  );

  test("with the same parameters, the count stays within half a unit of feed-forward width", () => {
    const unit = 32 * 3 * 4096;
    for (const variant of ["gqa:8", "mqa", "mla"]) {
      const difference = countParameters(applyAttention(llama, variant, true)).total - 6_738_415_616;
      expect(Math.abs(difference)).toBeLessThanOrEqual(unit / 2);
    }
  });

  test("a mixture widens its experts", () => {
    const mixtral = modelProfile("mixtral-8x7b");
    const wider = applyAttention(mixtral, "mqa", true).decoder.kinds[0]?.feedForward;
    expect(wider?.dFf).toBeGreaterThan(14336);
  });

  test("a width below 1 is refused", () => {
    const narrow = {
      ...llama,
      decoder: {
        ...llama.decoder,
        kinds: llama.decoder.kinds.map((kind) => ({ ...kind, feedForward: { ...kind.feedForward, dFf: 1 } })),
      },
    };
    const mqa = applyAttention(narrow, "mqa");
    expect(() => applyAttention(mqa, "mha", true)).toThrow("leaves no feed-forward width");
  });
});

describe("other kinds of layers", () => {
  test("latent attention becomes plain heads as wide as its values", () => {
    const deepseek = applyAttention(modelProfile("deepseek-v3"), "mha");
    expect(describeAttention(deepseek)).toBe("MHA 128");
    expect(modelCacheElementsPerToken(deepseek)).toBe(61 * 2 * 128 * 128);
    expect(describeAttention(applyAttention(modelProfile("deepseek-v3"), "mla"))).toBe("MLA 128");
  });

  test("linear attention stays", () => {
    expect(describeAttention(applyAttention(modelProfile("qwen3.5-27b"), "mqa"))).toBe("linear 48 + MQA 24/1");
  });

  test("encoder, decoder and cross-attention of the paper's model all become multi-query; cross-attention never latent", () => {
    const paper = modelProfile("shazeer-2019-wmt-mha");
    const mqa = applyAttention(paper, "mqa");
    for (const layer of [...mqa.decoder.kinds, ...(mqa.encoder?.kinds ?? [])]) {
      expect(layer.attention.kind === "softmax" && layer.attention.kvHeads).toBe(1);
      if (layer.crossAttention !== null) expect(layer.crossAttention.kvHeads).toBe(1);
    }
    const mla = applyAttention(paper, "mla");
    expect(mla.decoder.kinds[0]?.crossAttention?.kind).toBe("softmax");
  });
});

describe("a window", () => {
  test("reaches every softmax layer and takes a chunk's place", () => {
    expect(describeAttention(applyWindow(llama, 512))).toBe("MHA 32 window 512");
    expect(describeAttention(applyWindow(modelProfile("llama-4-scout"), 512))).toBe("GQA 40/8 window 512");
    expect(describeAttention(applyWindow(modelProfile("qwen3.5-27b"), 512))).toBe("linear 48 + GQA 24/4 window 512");
  });

  test("is refused where no layer takes one, instead of being ignored", () => {
    expect(() => applyWindow(modelProfile("deepseek-v3"), 512)).toThrow(
      "invalid window: 512 (deepseek-v3 has MLA 128, which takes no window)",
    );
  });
});

describe("what has no cache that grows", () => {
  const t5 = modelProfile("flan-t5-xl");

  test("an encoder's attention stays softmax where its decoder's becomes latent, and keeps its weights", () => {
    const mla = applyAttention(t5, "mla");
    expect(describeAttention(mla)).toBe("MLA 32");
    expect(mla.encoder).toEqual(t5.encoder);
  });

  test("chunks are named", () => {
    expect(describeAttention(modelProfile("llama-4-scout"))).toBe("GQA 40/8 chunk 8192 + GQA 40/8");
  });
});
