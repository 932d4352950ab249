/** Rows and elements of each kind of cache, from the dimensions the models publish. */
import { describe, expect, test } from "vitest";
import {
  cacheElementsPerToken,
  cacheRowsKept,
  modelCacheElementsPerToken,
  stateElements,
} from "../../src/architecture/cache-row.ts";
import type { Attention, LinearAttention, Model } from "../../src/architecture/model.ts";
import { modelProfile } from "../fixtures/profiles.ts";

function attentionOf(model: Model, depth: number): Attention {
  return (model.decoder.kinds[model.decoder.order[depth] as number] as Model["decoder"]["kinds"][number]).attention;
}

describe("rows kept of a context", () => {
  test("a window keeps its last rows, a chunk no more than its own", () => {
    const mistral = attentionOf(modelProfile("mistral-7b-v0.1"), 0);
    expect([100, 4096, 10_000].map((context) => cacheRowsKept(mistral, context))).toEqual([100, 4096, 4096]);
    const scout = modelProfile("llama-4-scout");
    expect([8191, 8192, 20_000].map((context) => cacheRowsKept(attentionOf(scout, 0), context))).toEqual([
      8191, 8192, 8192,
    ]);
    expect(cacheRowsKept(attentionOf(scout, 3), 20_000)).toBe(20_000);
  });

  test("latent attention keeps all, linear attention none", () => {
    expect(cacheRowsKept(attentionOf(modelProfile("deepseek-v3"), 0), 20_000)).toBe(20_000);
    expect(cacheRowsKept(attentionOf(modelProfile("qwen3.5-27b"), 0), 20_000)).toBe(0);
  });
});

describe("elements a token and layer", () => {
  test("the indexer's key of 128 stands beside DeepSeek-V3.2's row of 512 + 64", () => {
    expect(cacheElementsPerToken(attentionOf(modelProfile("deepseek-v3"), 0))).toBe(576);
    expect(cacheElementsPerToken(attentionOf(modelProfile("deepseek-v3.2"), 0))).toBe(576 + 128);
  });

  test("of Qwen3.5-27B's 64 layers the 16 with softmax attention add 2 × 4 × 256 each", () => {
    const qwen = modelProfile("qwen3.5-27b");
    expect(cacheElementsPerToken(attentionOf(qwen, 0))).toBe(0);
    expect(modelCacheElementsPerToken(qwen)).toBe(16 * 2 * 4 * 256);
  });

  test("Gated DeltaNet's state: 48 matrices of 128 × 128 and three inputs of (2 × 16 + 48) × 128 channels", () => {
    const linear = attentionOf(modelProfile("qwen3.5-27b"), 0) as LinearAttention;
    expect(stateElements(linear)).toEqual({ matrix: 48 * 128 * 128, convolution: 3 * (2 * 16 + 48) * 128 });
  });
});
