/**
 * A whole small decoder-only model on random weights: embedding, layers, final norm, logits, with caches that live from step
 * to step. It runs what src/step/step-plan.ts lists, operation by operation, each reading its inputs from memory and writing
 * its outputs (rule A1 in docs/counting.md).
 * Norms stand before attention, before the feed-forward network, after attention, after the feed-forward network, as many as
 * a layer has, in that order; a parallel layer's blocks read the same stream.
 */
import type { Model } from "../../architecture/model.ts";
import { embeddingWidth } from "../../architecture/weights.ts";
import { InvalidInput } from "../../quantity/invalid-input.ts";
import type { SeededRandom } from "../../quantity/seeded-random.ts";
import { defaultStepOptions, type StepOptions } from "../../step/step-options.ts";
import { attentionLayer } from "./attention-layer.ts";
import { type DecoderWeights, type LayerWeights, randomDecoderWeights } from "./decoder-weights.ts";
import { addPositions, lookUpEmbedding } from "./embedding-lookup.ts";
import { feedForwardLayer } from "./feed-forward-layer.ts";
import { fillCache, type LayerCache, layerCache } from "./layer-cache.ts";
import { linear } from "./linear.ts";
import type { Processor, Tensor } from "./processor.ts";
import { addResidual } from "./residual.ts";
import { activations, normed, positionOf, type StepFrame } from "./step-frame.ts";
import type { LinearWeights } from "./weight-source.ts";

export interface DecoderSettings {
  readonly seed: number;
  readonly batch: number;
  /** Beams a request (1): each row of the batch has a cache of its own. */
  readonly beams?: number;
  /** Positions that the caches have room for. */
  readonly capacity: number;
  /** The phase is each step's own. */
  readonly options?: StepOptions;
}

export interface DecoderStep {
  /** New tokens, [batch × beams, query tokens]. */
  readonly tokens: ArrayLike<number>;
  readonly phase: "decode" | "prefill";
  /** The sequence each beam takes its cache over from after the step; itself where not given. */
  readonly parents?: ArrayLike<number>;
}

export interface ReferenceDecoder {
  /** Rows a sequence in the caches. */
  readonly context: number;
  /** Fills the empty caches with random rows, as if `context` tokens had been decoded; layer by layer. */
  fill(context: number, random: SeededRandom): void;
  /** Logits [T, V] when decoding, [sequences, V] of the last tokens in a prefill. */
  step(step: DecoderStep): Float64Array;
}

/** Why the reference cannot run a model, in one line; null where it can. */
export function decoderRefusal(model: Model): string | null {
  if (model.encoder !== null) return "an encoder-decoder: the reference runs decoders alone";
  for (const { attention, crossAttention } of model.decoder.kinds) {
    if (crossAttention !== null) return "cross-attention: the reference runs decoders alone";
    if (attention.kind === "latent" && attention.indexer !== null) return "a sparse indexer";
    if (attention.kind === "softmax" && attention.relativeBuckets > 0) return "a relative position bias";
  }
  return null;
}

/** @throws InvalidInput for a model that decoderRefusal names a reason for */
export function referenceDecoder(p: Processor, model: Model, settings: DecoderSettings): ReferenceDecoder {
  const refusal = decoderRefusal(model);
  if (refusal !== null) throw new InvalidInput("model", model.id, `not supported: ${refusal}`);
  const options = settings.options ?? defaultStepOptions;
  const weights = randomDecoderWeights(p, model, options, settings.seed);
  const beams = settings.beams ?? 1;
  const sequences = settings.batch * beams;
  const bytesPerElement = options.kvCache.bits / 8;
  const layers = weights.layers.map((w) => {
    const cache = layerCache(p, w.layer.attention, { sequences, capacity: settings.capacity, bytesPerElement });
    return { weights: w, cache };
  });
  let context = 0;
  return {
    get context() {
      return context;
    },
    fill(rows, random) {
      for (const { cache } of layers) fillCache(cache, sequences, rows, random);
      context = rows;
    },
    step({ tokens, phase, parents }) {
      const queryTokens = tokens.length / sequences;
      context += queryTokens;
      const activationBytes = options.activations.bits / 8;
      const counts = { sequences, queryTokens, tokens: tokens.length, context, activationBytes };
      const frame: StepFrame = { processor: p, model, options, phase, ...counts };
      let x = embedded(frame, weights, tokens);
      if (weights.embeddingNorm !== null) x = normed(frame, weights.embeddingNorm, x);
      for (const layer of layers) runLayer(frame, layer.weights, layer.cache, x);
      if (weights.finalNorm !== null) x = normed(frame, weights.finalNorm, x);
      if (weights.logitsProjection !== null) x = projected(frame, weights.logitsProjection, x);
      const logits = outputLogits(frame, weights.head, x);
      if (phase === "decode" && options.cacheUpdate === "concat" && beams > 1) {
        const own = Array.from({ length: sequences }, (_, sequence) => sequence);
        for (const { cache } of layers) cache.rows?.gather(parents ?? own, context);
      }
      return logits;
    },
  };
}

/** Fills a decoder's caches and draws the next token of each sequence, in that order. */
export function fillDecoder(
  decoder: ReferenceDecoder,
  model: Model,
  sequences: number,
  context: number,
  random: SeededRandom,
): number[] {
  decoder.fill(context, random);
  return Array.from({ length: sequences }, () => random.below(model.vocab));
}

/** The tokens' rows of the table with their positions added, brought to the residual stream's width where narrower. */
function embedded(frame: StepFrame, weights: DecoderWeights, tokens: ArrayLike<number>): Tensor {
  const { processor: p, model } = frame;
  const position = (token: number): number => positionOf(frame, token);
  const x = activations(frame, frame.tokens * embeddingWidth(model));
  const { table, positions, embeddingProjection } = weights;
  if (embeddingProjection === null) {
    lookUpEmbedding(p, { tokens, position, dModel: model.dModel, table, positions, output: x });
    return x;
  }
  lookUpEmbedding(p, { tokens, position, dModel: embeddingWidth(model), table, positions: null, output: x });
  const wide = projected(frame, embeddingProjection, x);
  if (positions !== null) addPositions(p, wide, positions, position, model.dModel);
  return wide;
}

function projected(frame: StepFrame, w: LinearWeights, input: Tensor): Tensor {
  const output = activations(frame, frame.tokens * w.outFeatures);
  const { inFeatures, outFeatures, matrix: weights, bias } = w;
  linear(frame.processor, { tokens: frame.tokens, inFeatures, outFeatures, input, weights, bias, output });
  return output;
}

/** One layer over the residual stream, which it changes. */
function runLayer(frame: StepFrame, w: LayerWeights, cache: LayerCache, x: Tensor): void {
  const p = frame.processor;
  const norm = (index: number, input: Tensor): Tensor => {
    const weights = w.norms[index];
    return weights === undefined ? input : normed(frame, weights, input);
  };
  const { feedForward, parallel } = w.layer;
  const before = norm(0, x);
  const besides = parallel ? (w.norms.length > 1 ? norm(1, x) : before) : null;
  const network = (input: Tensor): Tensor => norm(3, feedForwardLayer(frame, feedForward, w.feedForward, input));
  const attended = norm(2, attentionLayer(frame, w.attention, cache, before));
  const alongside = besides === null ? null : network(besides);
  addResidual(p, x, attended, x);
  addResidual(p, x, alongside ?? network(norm(1, x)), x);
}

function outputLogits(frame: StepFrame, head: LinearWeights, x: Tensor): Float64Array {
  const lastOnly = frame.phase === "prefill";
  const rows = lastOnly ? frame.sequences : frame.tokens;
  const { inFeatures: d, outFeatures, matrix: weights, bias } = head;
  const inputOffset = (row: number): number => (lastOnly ? (row + 1) * frame.queryTokens - 1 : row) * d;
  const values = new Float64Array(rows * outFeatures);
  const output = frame.processor.tensor("activations", values, frame.activationBytes);
  linear(frame.processor, { tokens: rows, inFeatures: d, outFeatures, input: x, inputOffset, weights, bias, output });
  return values;
}
