/**
 * The operation that a measured kernel call is, in the library's own counting:
 *   attention    one attention core, fused: K and V read once, queries read, outputs written
 *   linear       one projection of m rows
 *   elementwise  a norm (RMS), rotary embedding, activation, residual or cache append of as many tokens as rows
 *   mla          absorbed: one latent attention core. Expanded: one attention core whose heads have keys of n + p and values of
 *                v elements, read as they were projected; FLOPs and elements are those of heads of (n + p + v) / 2 on both sides
 *   moe          the experts of one device: E / ep of them, F / tp of their width; read are those that the tokens touch
 *   collectives  one collective of message_bytes
 */
import { attentionCore } from "../operations/attention-core.ts";
import { cacheAppend } from "../operations/cache-append.ts";
import { type CollectiveShape, collective } from "../operations/collective.ts";
import { feedForwardActivation } from "../operations/feed-forward-activation.ts";
import { latentAttentionCore } from "../operations/latent-attention-core.ts";
import { mixtureOfExperts } from "../operations/mixture-of-experts.ts";
import { normalization, normFlopsPerFeature } from "../operations/normalization.ts";
import { type Counts, emptyCounts } from "../operations/operation.ts";
import { projection } from "../operations/projection.ts";
import { residual } from "../operations/residual.ts";
import { rotaryEmbedding } from "../operations/rotary-embedding.ts";
import { type ComputeFormat, multiplyFormat, type NumberFormat } from "../quantity/number-format.ts";
import { type PlannedOperation, plannedOperation } from "../step/planned-operation.ts";
import type { StepWorkload } from "../step/step-options.ts";
import { bytesPerWeight } from "../step/weight-bytes.ts";
import { touchedExperts } from "./expert-load.ts";
import type { AttentionShape, ElementwiseShape, LinearShape } from "./measured-shape.ts";
import type { CollectiveRow, MeasuredTime, MlaRow, MoeRow } from "./measurement-row.ts";

export interface RowFormats {
  readonly weights: NumberFormat;
  readonly kvCache: NumberFormat;
  readonly activations: NumberFormat;
  /** What the kernel multiplies in, where that does not follow from the others. */
  readonly multiplies?: ComputeFormat;
}

/** What counting needs of a kernel call. */
export type CountedCall =
  | (Omit<AttentionShape, "dtype"> & { readonly queryTokens?: number; readonly window?: number | null })
  | Pick<LinearShape, "kind" | "m" | "k" | "n">
  | (Pick<ElementwiseShape, "kind" | "op" | "rows" | "features"> & { readonly gated: boolean | null })
  | Omit<MlaRow, keyof MeasuredTime>
  | Omit<MoeRow, keyof MeasuredTime>
  | Omit<CollectiveRow, keyof MeasuredTime>;

type Call<Kind extends CountedCall["kind"]> = CountedCall & { readonly kind: Kind };

export function rowOperation(call: CountedCall, formats: RowFormats): PlannedOperation {
  switch (call.kind) {
    case "attention":
      return attentionOperation(call, formats);
    case "linear":
      return linearOperation(call, formats);
    case "elementwise":
      return elementwiseOperation(call, formats);
    case "mla":
      return call.absorbed ? absorbedOperation(call, formats) : expandedOperation(call, formats);
    case "moe":
      return expertsOperation(call, formats);
    case "collectives":
      return collectiveOperation(call, formats);
  }
}

/** Sequences, context and new tokens of a call; where it has no sequences, each of its tokens is one. */
export function rowWorkload(call: CountedCall): StepWorkload & { readonly queryTokens: number } {
  if (call.kind === "attention" || call.kind === "mla") {
    return { batch: call.batch, context: call.context, queryTokens: call.queryTokens ?? 1 };
  }
  return { batch: tokensOf(call), context: 1, queryTokens: 1 };
}

function tokensOf(call: Exclude<CountedCall, { kind: "attention" | "mla" }>): number {
  switch (call.kind) {
    case "linear":
      return call.m;
    case "elementwise":
      return call.rows;
    case "moe":
      return call.tokens;
    case "collectives":
      return 1;
  }
}

/**
 * Bytes and FLOPs of one call.
 * @example attention of 8 heads on 8 K/V heads of 128, context 1024, fp32: 8_388_608 K/V bytes
 */
export function countRow(call: CountedCall, formats: RowFormats): Counts {
  const { definition, shape } = rowOperation(call, formats);
  const { batch, context, queryTokens } = rowWorkload(call);
  const counts = emptyCounts();
  const tokens = batch * queryTokens;
  const point = { sequences: batch, requests: batch, queryTokens, tokens, logitsTokens: tokens };
  definition.count(shape, { ...point, context, sourceContext: 0 }, counts);
  return counts;
}

function attentionOperation(call: Call<"attention">, formats: RowFormats): PlannedOperation {
  const { heads, kvHeads, headDim } = call;
  return attentionCoreOperation({ heads, kvHeads, headDim, window: call.window ?? null }, formats.kvCache, formats);
}

interface AttentionHeads {
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  readonly window: number | null;
}

function attentionCoreOperation(
  { heads, kvHeads, headDim, window }: AttentionHeads,
  stored: NumberFormat,
  formats: RowFormats,
): PlannedOperation {
  const shape = {
    heads,
    headDim,
    rowElements: 2 * kvHeads * headDim,
    reach: { window, chunk: null },
    mode: "causal" as const,
    materialized: false,
    outputGate: false,
    weightBytes: 0,
    kvBytesPerElement: stored.bits / 8,
    activationBytesPerElement: formats.activations.bits / 8,
  };
  return plannedOperation("attention", attentionCore, shape, multipliedIn(stored, formats));
}

function absorbedOperation(call: Call<"mla">, formats: RowFormats): PlannedOperation {
  const shape = {
    heads: call.heads,
    kvRank: call.kvLoraRank,
    ropeDim: call.ropeDim,
    nopeDim: call.nopeHeadDim,
    valueDim: call.vHeadDim,
    absorbed: true,
    materialized: false,
    topK: null,
    weightBytes: 0,
    kvBytesPerElement: formats.kvCache.bits / 8,
    activationBytesPerElement: formats.activations.bits / 8,
  };
  return plannedOperation("latent attention", latentAttentionCore, shape, multipliedIn(formats.kvCache, formats));
}

function expandedOperation(call: Call<"mla">, formats: RowFormats): PlannedOperation {
  const { heads, nopeHeadDim, ropeDim, vHeadDim } = call;
  const shape = { heads, kvHeads: heads, headDim: (nopeHeadDim + ropeDim + vHeadDim) / 2, window: null };
  return attentionCoreOperation(shape, formats.activations, formats);
}

function expertsOperation(call: Call<"moe">, formats: RowFormats): PlannedOperation {
  const shape = {
    experts: touchedExperts(call),
    touched: "all" as const,
    expertsPerToken: call.topK / call.moeEp,
    dModel: call.dModel,
    dFf: call.dFf / call.moeTp,
    gated: call.gated,
    biasElements: 0,
    biasBytesPerElement: 0,
    weightBytesPerElement: bytesPerWeight(formats.weights, "matrix", call.dModel),
    activationBytesPerElement: formats.activations.bits / 8,
    tokenGroups: 1,
  };
  return plannedOperation("experts", mixtureOfExperts, shape, multipliedIn(formats.weights, formats));
}

function collectiveOperation(call: Call<"collectives">, { weights }: RowFormats): PlannedOperation {
  const bytesPerElement = weights.bits / 8;
  const shape: CollectiveShape = {
    algorithm: call.op,
    devices: call.gpus,
    elements: call.messageBytes / bytesPerElement,
    bytesPerElement,
    ofLogits: false,
  };
  return plannedOperation(call.op, collective, shape, multiplyFormat(weights, weights));
}

function linearOperation(call: Call<"linear">, formats: RowFormats): PlannedOperation {
  const shape = {
    inFeatures: call.k,
    outFeatures: call.n,
    weightBytesPerElement: bytesPerWeight(formats.weights, "matrix", call.k),
    biasElements: 0,
    biasBytesPerElement: 0,
    activationBytesPerElement: formats.activations.bits / 8,
  };
  return plannedOperation("linear", projection, shape, multipliedIn(formats.weights, formats));
}

function multipliedIn(stored: NumberFormat, { activations, multiplies }: RowFormats): ComputeFormat {
  return multiplies ?? multiplyFormat(stored, activations);
}

function elementwiseOperation(call: Call<"elementwise">, formats: RowFormats): PlannedOperation {
  const { features } = call;
  const activationBytesPerElement = formats.activations.bits / 8;
  const format = multiplyFormat(formats.activations, formats.activations);
  switch (call.op) {
    case "normalization": {
      const weightBytes = features * bytesPerWeight(formats.weights, "norm", features);
      const norm = { features, vectors: 1, flopsPerFeature: normFlopsPerFeature("rms", false), weightBytes };
      return plannedOperation(call.op, normalization, { ...norm, activationBytesPerElement }, format);
    }
    case "rotary-embedding":
      return plannedOperation(
        call.op,
        rotaryEmbedding,
        { heads: 1, rotaryDim: features, activationBytesPerElement },
        format,
      );
    case "feed-forward-activation": {
      const shape = { dFf: features, gated: call.gated === true, activationBytesPerElement };
      return plannedOperation(call.op, feedForwardActivation, shape, format);
    }
    case "residual":
      return plannedOperation(call.op, residual, { dModel: features, activationBytesPerElement }, format);
    case "cache-append": {
      const kvBytesPerElement = formats.kvCache.bits / 8;
      const shape = { elementsPerToken: features, kvBytesPerElement, activationBytesPerElement };
      return plannedOperation(call.op, cacheAppend, { ...shape, update: "in-place", rowsKept: null }, format);
    }
  }
}
