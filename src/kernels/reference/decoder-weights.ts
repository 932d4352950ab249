/**
 * Random weights of a decoder-only model, in memory, each tensor in the format that a step counts it in.
 * They are drawn in a fixed order from one seed: embedding, positions, embedding norm, then layer by layer, final norm, LM
 * head. A matrix's deviation is 1/√(inputs), so that activations keep their size through the layers.
 */
import type { FeedForward, Layer, Model } from "../../architecture/model.ts";
import { embeddingWidth } from "../../architecture/weights.ts";
import { type SeededRandom, seededRandom } from "../../quantity/seeded-random.ts";
import { type StepOptions, type WeightFormats, weightFormats } from "../../step/step-options.ts";
import { bytesPerWeight, logitsBytes, positionBytes, tableBytes } from "../../step/weight-bytes.ts";
import { type AttentionWeights, randomAttention } from "./attention-weights.ts";
import type { ExpertWeights } from "./mixture-of-experts.ts";
import type { Processor, Tensor } from "./processor.ts";
import { type LinearWeights, type NormWeights, type WeightSource, weightSource } from "./weight-source.ts";

export interface DenseWeights {
  readonly up: LinearWeights;
  readonly down: LinearWeights;
}

export interface FeedForwardWeightTensors {
  readonly dense: DenseWeights | null;
  readonly mixture: {
    readonly router: LinearWeights;
    readonly experts: readonly ExpertWeights[];
    readonly shared: DenseWeights | null;
    readonly sharedGate: LinearWeights | null;
  } | null;
}

export interface LayerWeights {
  readonly layer: Layer;
  /** As many as layer.norms. */
  readonly norms: readonly NormWeights[];
  readonly attention: AttentionWeights;
  readonly feedForward: FeedForwardWeightTensors;
}

export interface DecoderWeights {
  /** [V, d], or [V, e] beside projections of e to d and back. */
  readonly table: Tensor;
  readonly embeddingProjection: LinearWeights | null;
  readonly logitsProjection: LinearWeights | null;
  readonly positions: Tensor | null;
  readonly embeddingNorm: NormWeights | null;
  readonly layers: readonly LayerWeights[];
  readonly finalNorm: NormWeights | null;
  readonly head: LinearWeights;
}

export function randomDecoderWeights(p: Processor, model: Model, options: StepOptions, seed: number): DecoderWeights {
  return decoderWeights(p, model, options, seededRandom(seed));
}

/** The same from a generator of one's own. */
export function decoderWeights(p: Processor, model: Model, options: StepOptions, random: SeededRandom): DecoderWeights {
  const formats = weightFormats(model, options.weights);
  const d = model.dModel;
  const source = weightSource(p, model, formats, random);
  const width = embeddingWidth(model);
  const tableValues = random.normals(model.vocab * width);
  const positions = model.positions === 0 ? null : random.normals(model.positions * d);
  const embeddingNorm = model.outerNorms > 1 ? source.norm(d) : null;
  const layers = model.decoder.order.map((index): LayerWeights => {
    const layer = model.decoder.kinds[index];
    if (layer === undefined) throw new RangeError(`layer kind ${index} of ${model.decoder.kinds.length}`);
    return {
      layer,
      norms: Array.from({ length: layer.norms }, () => source.norm(d)),
      attention: randomAttention(source, layer.attention),
      feedForward: randomFeedForward(source, formats, layer.feedForward),
    };
  });
  const table = p.tensor("weights", tableValues, tableBytes(model, formats));
  const finalNorm = model.outerNorms > 0 ? source.norm(d) : null;
  const own = source.linear(width, model.vocab, model.logitsBias, logitsBytes(model, formats));
  return {
    table,
    embeddingProjection: width === d ? null : source.linear(width, d, false),
    logitsProjection: width === d ? null : source.linear(d, width, false),
    positions: positions === null ? null : p.tensor("weights", positions, positionBytes(model, formats)),
    embeddingNorm,
    layers,
    finalNorm,
    head: model.tiedEmbeddings ? { ...own, matrix: table } : own,
  };
}

function randomFeedForward(source: WeightSource, formats: WeightFormats, f: FeedForward): FeedForwardWeightTensors {
  if (f.kind === "dense") return { dense: randomDense(source, f.dFf, f.gated, f.bias), mixture: null };
  const d = source.model.dModel;
  const inputs = f.gated ? 2 : 1;
  const expertBytes = (columns: number): number => bytesPerWeight(formats.experts, "matrix", columns);
  const router = source.linear(d, f.experts, f.routerBias, bytesPerWeight(formats.matrices, "router", d));
  const experts = Array.from({ length: f.experts }, (): ExpertWeights => {
    const up = source.linear(d, inputs * f.dFf, f.bias, expertBytes(d));
    const down = source.linear(f.dFf, d, f.bias, expertBytes(f.dFf));
    return { up: up.matrix, upBias: up.bias, down: down.matrix, downBias: down.bias };
  });
  const shared = f.sharedDFf > 0 ? randomDense(source, f.sharedDFf, f.gated, false) : null;
  const sharedGate = shared !== null && f.sharedGate ? source.linear(d, 1, false) : null;
  return { dense: null, mixture: { router, experts, shared, sharedGate } };
}

function randomDense(source: WeightSource, dFf: number, gated: boolean, bias: boolean): DenseWeights {
  const d = source.model.dModel;
  return { up: source.linear(d, (gated ? 2 : 1) * dFf, bias), down: source.linear(dFf, d, bias) };
}
