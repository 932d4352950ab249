/** The cache of one layer: elements a token, rows kept, and the fixed state of linear attention. */
import type { Attention, LinearAttention, Model } from "./model.ts";
import { convolutionChannels } from "./weights.ts";

/**
 * Elements that one token adds to the cache of one layer: keys and values (2 Hkv D, also where one
 * projection makes both: keys are turned and normed, values are not), the compressed row of latent attention (kvRank + ropeDim, and the indexer's key), none for linear attention.
 * @example Llama-2-7B: 2 × 32 × 128 = 8192; DeepSeek-V3: 512 + 64 = 576
 */
export function cacheElementsPerToken(attention: Attention): number {
  if (attention.kind === "softmax") return 2 * attention.kvHeads * attention.headDim;
  if (attention.kind === "latent") {
    return attention.kvRank + attention.ropeDim + (attention.indexer === null ? 0 : attention.indexer.headDim);
  }
  return 0;
}

/** Rows of `context` that the layer's cache has to keep: a window keeps its last w, a chunk what its tokens may still see. */
export function cacheRowsKept(attention: Attention, context: number): number {
  if (attention.kind !== "softmax") return attention.kind === "latent" ? context : 0;
  const window = attention.window ?? Number.POSITIVE_INFINITY;
  const chunk = attention.chunk ?? Number.POSITIVE_INFINITY;
  return Math.min(context, window, chunk);
}

/** Elements of the fixed state a sequence: a matrix a value head and the last inputs of the convolution. */
export function stateElements(attention: LinearAttention): { readonly matrix: number; readonly convolution: number } {
  return {
    matrix: attention.valueHeads * attention.keyDim * attention.valueDim,
    convolution: convolutionChannels(attention) * (attention.convolution - 1),
  };
}

/** K/V elements that one more token adds to the caches of all decoder layers, windows disregarded. */
export function modelCacheElementsPerToken(model: Model): number {
  let elements = 0;
  for (const kind of model.decoder.order) {
    elements += cacheElementsPerToken(model.decoder.kinds[kind]!.attention);
  }
  return elements;
}
