/** One layer's latent attention in a step: absorbed when decoding, expanded in a prefill unless the options say otherwise. */
import type { LatentWeights } from "./attention-weights.ts";
import { absorb } from "./latent-absorption.ts";
import { latentAttention } from "./latent-attention.ts";
import type { RowCache } from "./layer-cache.ts";
import type { Tensor } from "./processor.ts";
import { activations, normInPlace, project, rotateInPlace, type StepFrame } from "./step-frame.ts";

export function latentLayer(frame: StepFrame, w: LatentWeights, cache: RowCache, input: Tensor): Tensor {
  const { heads, kvRank, ropeDim, nopeDim, queryRank } = w.of;
  const row = kvRank + ropeDim;
  const queryDim = nopeDim + ropeDim;
  const queries = project(frame, w.queryUp, queryInput(frame, w, queryRank, input));
  const latent = project(frame, w.latentDown, input);
  normInPlace(frame, w.latentNorm, latent, kvRank, 1, (token) => token * row);
  const queryOffset = (token: number, head: number): number => (token * heads + head) * queryDim;
  const rotaryOffset = (token: number, head: number): number => queryOffset(token, head) + nopeDim;
  rotateInPlace(frame, queries, ropeDim, heads, rotaryOffset);
  rotateInPlace(frame, latent, ropeDim, 1, (token) => token * row + kvRank);
  cache.append(latent, (token) => token * row, frame.context, frame.queryTokens, 0, row);
  return project(frame, w.output, attended(frame, w, cache, { queries, queryOffset, rotaryOffset }));
}

/** Queries come from the input, or from its compressed and normed form. */
function queryInput(frame: StepFrame, w: LatentWeights, queryRank: number | null, input: Tensor): Tensor {
  if (queryRank === null || w.queryDown === null || w.queryNorm === null) return input;
  const compressed = project(frame, w.queryDown, input);
  normInPlace(frame, w.queryNorm, compressed, queryRank, 1, (token) => token * queryRank);
  return compressed;
}

interface Queries {
  readonly queries: Tensor;
  readonly queryOffset: (token: number, head: number) => number;
  readonly rotaryOffset: (token: number, head: number) => number;
}

/** The heads' outputs [T, H, v]. */
function attended(frame: StepFrame, w: LatentWeights, cache: RowCache, q: Queries): Tensor {
  const a = w.of;
  const p = frame.processor;
  const { tokens } = frame;
  const output = activations(frame, tokens * a.heads * a.valueDim);
  const problem = {
    ...a,
    contexts: new Array<number>(frame.sequences).fill(frame.context),
    queryTokens: frame.queryTokens,
    rotaryQueries: q.queries,
    rotaryOffset: q.rotaryOffset,
    cache: cache.tensor,
    rowOffset: (sequence: number, row: number): number => cache.offset(sequence, row),
    materialized: frame.options.attentionKernel === "materialized",
    activationBytesPerElement: frame.activationBytes,
  };
  const { latentKernel } = frame.options;
  if (latentKernel === "expanded" || (latentKernel === "auto" && frame.phase === "prefill")) {
    latentAttention(p, { ...problem, queries: q.queries, queryOffset: q.queryOffset, expansion: w, output });
    return output;
  }
  const heads = { tokens, heads: a.heads };
  const latentQueries = activations(frame, tokens * a.heads * a.kvRank);
  const toLatent = { inFeatures: a.nopeDim, outFeatures: a.kvRank, weights: w.keyUp, transposed: true };
  absorb(p, { ...heads, ...toLatent, input: q.queries, inputOffset: q.queryOffset, output: latentQueries });
  const latentOutputs = activations(frame, tokens * a.heads * a.kvRank);
  const packed = (token: number, head: number): number => (token * a.heads + head) * a.kvRank;
  latentAttention(p, {
    ...problem,
    queries: latentQueries,
    queryOffset: packed,
    expansion: null,
    output: latentOutputs,
  });
  const toValues = { inFeatures: a.kvRank, outFeatures: a.valueDim, weights: w.valueUp, transposed: false };
  absorb(p, { ...heads, ...toValues, input: latentOutputs, inputOffset: packed, output });
  return output;
}
