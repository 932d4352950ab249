/** What a model is, in numbers that don't depend on a machine: parameters, bytes of weights by format, bytes of cache. */
import { describeAttention } from "../architecture/attention-variant.ts";
import { cacheElementsPerToken, modelCacheElementsPerToken } from "../architecture/cache-row.ts";
import type { Attention, FeedForward, Layer, Model, Stack } from "../architecture/model.ts";
import { countLayerParameters, countParameters } from "../architecture/weights.ts";
import { type NumberFormat, type NumberFormatId, parseNumberFormat } from "../quantity/number-format.ts";
import { type Footprint, type FootprintPlan, footprintOf, planFootprint } from "../step/footprint.ts";
import { defaultStepOptions } from "../step/step-options.ts";
import { planStep } from "../step/step-plan.ts";

export interface LayerDescription {
  readonly stack: "decoder" | "encoder";
  readonly name: string;
  readonly count: number;
  readonly attention: string;
  readonly feedForward: string;
  /** Of one layer. */
  readonly parameters: number;
  /** Keys and values of one token in one layer, in 16 bits. */
  readonly kvBytesPerToken: number;
}

export interface ModelDescription {
  readonly id: string;
  readonly name: string;
  readonly parameters: number;
  /** Those that one token touches. */
  readonly activeParameters: number;
  readonly attention: string;
  readonly layers: number;
  readonly encoderLayers: number;
  readonly dModel: number;
  readonly vocab: number;
  /** Longest context the model was made for, in tokens; null where unknown or unlimited. */
  readonly maxContext: number | null;
  /** The format the weights are published in. */
  readonly publishedFormat: NumberFormatId;
  /** Keys and values of one token over all layers in 16 bits, windows disregarded. */
  readonly kvBytesPerToken: number;
  /** Weights in memory, embedding table and scales included; "published" is what the model's own files hold. */
  readonly weightBytes: readonly { readonly format: NumberFormatId; readonly bytes: number }[];
  /** The first context at which one sequence's 16-bit cache is as large as the published weights; null where it never is. */
  readonly cacheEqualsWeightsContext: number | null;
  readonly layerKinds: readonly LayerDescription[];
}

const formats: readonly NumberFormatId[] = [
  "fp32",
  "bf16",
  "fp8",
  "int8",
  "int4",
  "mxfp4",
  "nvfp4",
  "q8_0",
  "q4_0",
  "q4_k_m",
];

/** Contexts beyond this are answered with null. */
const longestContext = 2 ** 40;

/**
 * Describes a model.
 * @example Llama-2-7B: 6_738_415_616 parameters, 524_288 bytes of keys and values a token, 13_476_831_232 bytes of weights in
 *   bf16, cache as large as the weights at 25_706 tokens
 */
export function describeModel(model: Model): ModelDescription {
  const { total, active } = countParameters(model);
  const published = weightsIn(model, null);
  return {
    id: model.id,
    name: model.name,
    parameters: total,
    activeParameters: active,
    attention: describeAttention(model),
    layers: model.decoder.order.length,
    encoderLayers: model.encoder?.order.length ?? 0,
    dModel: model.dModel,
    vocab: model.vocab,
    maxContext: model.maxContext,
    publishedFormat: model.publishedWeights?.format ?? "bf16",
    kvBytesPerToken: 2 * modelCacheElementsPerToken(model),
    weightBytes: [
      { format: "published", bytes: published },
      ...formats.map((format) => ({ format, bytes: weightsIn(model, parseNumberFormat(format)) })),
    ],
    cacheEqualsWeightsContext: cacheEqualsWeights(model),
    layerKinds: [...layersOf(model, model.decoder, "decoder"), ...layersOf(model, model.encoder, "encoder")],
  };
}

/**
 * The first whole context at which the cache of one sequence is at least as large as the published weights. Where every
 * token adds the same, it is weights / bytes a token; windows and chunks make it grow slower from some context on, and it is
 * found by bisection. An encoder-decoder's source is taken as long as its context.
 */
function cacheEqualsWeights(model: Model): number | null {
  const plan = footprintPlanOf(model, null);
  const at = (context: number): Footprint => footprintOf(plan, { batch: 1, context });
  const enough = (context: number): boolean => at(context).cacheBytes >= at(context).weightBytes;
  if (model.encoder === null && model.decoder.kinds.every(growsEvenly)) {
    return Math.ceil(at(1).weightBytes / at(1).cacheBytes);
  }
  if (!enough(longestContext)) return null;
  let tooShort = 0;
  let longEnough = longestContext;
  while (longEnough - tooShort > 1) {
    const middle = Math.floor((tooShort + longEnough) / 2);
    if (enough(middle)) longEnough = middle;
    else tooShort = middle;
  }
  return longEnough;
}

function growsEvenly({ attention }: Layer): boolean {
  return (
    attention.kind === "latent" ||
    (attention.kind === "softmax" && attention.window === null && attention.chunk === null)
  );
}

function weightsIn(model: Model, format: NumberFormat | null): number {
  return footprintOf(footprintPlanOf(model, format), { batch: 1, context: 1 }).weightBytes;
}

function footprintPlanOf(model: Model, weights: NumberFormat | null): FootprintPlan {
  return planFootprint(planStep(model, { ...defaultStepOptions, weights }));
}

function layersOf(model: Model, stack: Stack | null, name: "decoder" | "encoder"): LayerDescription[] {
  if (stack === null) return [];
  return stack.kinds.map((layer, kind) => ({
    stack: name,
    name: layer.name,
    count: stack.order.filter((index) => index === kind).length,
    attention: attentionText(layer),
    feedForward: feedForwardText(layer.feedForward),
    parameters: countLayerParameters(model, layer).total,
    kvBytesPerToken: name === "encoder" ? 0 : 2 * cacheElementsPerToken(layer.attention),
  }));
}

function attentionText(layer: Layer): string {
  const own = attentionName(layer.attention);
  return layer.crossAttention === null ? own : `${own}, cross-attention ${attentionName(layer.crossAttention)}`;
}

function attentionName(a: Attention): string {
  if (a.kind === "latent") {
    const query = a.queryRank === null ? "" : `query rank ${a.queryRank}, `;
    return `latent, ${a.heads} heads, ${query}K/V rank ${a.kvRank} + ${a.ropeDim}`;
  }
  if (a.kind === "linear") return `linear, ${a.valueHeads} value heads of ${a.keyDim} x ${a.valueDim}`;
  const reach = a.window !== null ? `, window ${a.window}` : a.chunk !== null ? `, chunk ${a.chunk}` : "";
  return `${a.heads} heads, ${a.kvHeads} K/V heads of ${a.headDim}${reach}`;
}

function feedForwardText(f: FeedForward): string {
  const width = `${f.gated ? "gated " : ""}${f.dFf}`;
  if (f.kind === "dense") return width;
  const shared = f.sharedDFf > 0 ? `, shared ${f.sharedDFf}` : "";
  return `${f.expertsPerToken} of ${f.experts} experts of ${width}${shared}`;
}
