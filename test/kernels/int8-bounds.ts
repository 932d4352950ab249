import type { AttentionWork, CacheAppendWork, KernelWork, LinearWork, Values } from "../../src/kernels/kernel.ts";

/**
 * How far int8 may be off, an element. A scale is s = max |x| / 127 of its row, and rounding moves an element by at most s / 2.
 *   append     |Δx| ≤ ½ s of the row
 *   linear     |Δy| ≤ ½ s_n Σ_k |x_k| + ½ t Σ_k |w_nk|
 *   attention  a logit moves by ε_j ≤ (½ s_j Σ_d |q_d| + ½ t Σ_d |k_jd|) / √D, so that each weight changes by a factor within
 *              e^(±2 ε) and |Δo_d| ≤ (e^(2 ε) − 1) max_j |v_jd| + (½ + ⅛) max_j s'_j, with ε the largest ε_j and s' the values' scales
 * What meets int8 may itself be rounded to 16 bits: t = max |x| / 32767 of the vector x, or q; and the softmax's weights by blocks of 64
 * rows at most, 1 / 65534 of a block's largest each: 64 · 127 s' / 65534 < s' / 8 in all, since the largest of all blocks sum to 1 at most.
 */
export function int8Bounds(work: KernelWork): Float64Array {
  if (work.kind === "linear") return linearBounds(work);
  if (work.kind === "attention") return attentionBounds(work);
  if (work.kind === "cache-append") return appendBounds(work);
  throw new Error(`no int8 bound for ${work.kind}`);
}

function linearBounds({ tokens, inFeatures: k, outFeatures: n, input, weights }: LinearWork): Float64Array {
  const bounds = new Float64Array(tokens * n);
  for (let t = 0; t < tokens; t++) {
    const fine = (127 / 32767) * scaleOf(input, t * k, k);
    for (let row = 0; row < n; row++) {
      const coarse = scaleOf(weights, row * k, k) * sumOf(input, t * k, k);
      bounds[t * n + row] = 0.5 * (coarse + fine * sumOf(weights, row * k, k));
    }
  }
  return bounds;
}

function attentionBounds(work: AttentionWork): Float64Array {
  const { heads, kvHeads, headDim, capacity, queryTokens, contexts } = work;
  const bounds = new Float64Array(work.queries.length);
  for (let i = 0; i < bounds.length; i += headDim) {
    const vector = i / headDim;
    const sequence = Math.floor(vector / (heads * queryTokens));
    const kvHead = Math.floor(((vector % heads) * kvHeads) / heads);
    const sum = sumOf(work.queries, i, headDim) / Math.sqrt(headDim);
    const fine = ((127 / 32767) * scaleOf(work.queries, i, headDim)) / Math.sqrt(headDim);
    const rows = Array.from({ length: contexts[sequence] as number }, (_, j) => {
      const at = ((sequence * capacity + j) * kvHeads + kvHead) * headDim;
      const logit = 0.5 * (scaleOf(work.keys, at, headDim) * sum + fine * sumOf(work.keys, at, headDim));
      return { logit, value: scaleOf(work.values, at, headDim) };
    });
    const logit = rows.reduce((top, row) => Math.max(top, row.logit), 0);
    const value = rows.reduce((top, row) => Math.max(top, row.value), 0);
    bounds.fill(Math.expm1(2 * logit) * 127 * value + 0.625 * value, i, i + headDim);
  }
  return bounds;
}

function appendBounds({ rowElements: c, capacity, contexts, queryTokens, cache, rows }: CacheAppendWork): Float64Array {
  const bounds = new Float64Array(cache.length);
  for (let at = 0; at < cache.length; at += c) {
    const sequence = Math.floor(at / (c * capacity));
    const token = ((at / c) % capacity) - (contexts[sequence] as number) + queryTokens;
    const isNew = token >= 0 && token < queryTokens;
    const scale = isNew ? scaleOf(rows, (sequence * queryTokens + token) * c, c) : scaleOf(cache, at, c);
    bounds.fill(0.5 * scale, at, at + c);
  }
  return bounds;
}

function sumOf(values: Values, from: number, count: number): number {
  return values.subarray(from, from + count).reduce((total, x) => total + Math.abs(x), 0);
}

function scaleOf(values: Values, from: number, count: number): number {
  return values.subarray(from, from + count).reduce((top, x) => Math.max(top, Math.abs(x)), 0) / 127;
}
