/**
 * The operation that a measured kernel call is, in the library's own counting:
 *   attention    one attention core, fused: K and V read once, queries read, outputs written
 *   linear       one projection of m rows
 *   elementwise  a norm (RMS), rotary embedding, activation, residual or cache append of as many tokens as rows
 */
import { attentionCore } from "../operations/attention-core.ts";
import { cacheAppend } from "../operations/cache-append.ts";
import { feedForwardActivation } from "../operations/feed-forward-activation.ts";
import { normalization, normFlopsPerFeature } from "../operations/normalization.ts";
import { type Counts, emptyCounts } from "../operations/operation.ts";
import { projection } from "../operations/projection.ts";
import { residual } from "../operations/residual.ts";
import { rotaryEmbedding } from "../operations/rotary-embedding.ts";
import { type ComputeFormat, multiplyFormat, type NumberFormat } from "../quantity/number-format.ts";
import { type PlannedOperation, plannedOperation } from "../step/planned-operation.ts";
import { bytesPerWeight } from "../step/weight-bytes.ts";
import type { AttentionShape, ElementwiseShape, LinearShape } from "./measured-shape.ts";

export interface RowFormats {
  readonly weights: NumberFormat;
  readonly kvCache: NumberFormat;
  readonly activations: NumberFormat;
  /** What the kernel multiplies in, where that does not follow from the others. */
  readonly multiplies?: ComputeFormat;
}

/** What counting needs of a kernel call. */
export type CountedCall =
  | (Omit<AttentionShape, "dtype"> & { readonly window?: number | null })
  | Pick<LinearShape, "kind" | "m" | "k" | "n">
  | (Pick<ElementwiseShape, "kind" | "op" | "rows" | "features"> & { readonly gated: boolean | null });

export function rowOperation(call: CountedCall, formats: RowFormats): PlannedOperation {
  if (call.kind === "attention") return attentionOperation(call, formats);
  return call.kind === "linear" ? linearOperation(call, formats) : elementwiseOperation(call, formats);
}

/** Sequences and context of a call; its tokens are its sequences. */
export function rowWorkload(call: CountedCall): { readonly batch: number; readonly context: number } {
  if (call.kind === "attention") return { batch: call.batch, context: call.context };
  return { batch: call.kind === "linear" ? call.m : call.rows, context: 1 };
}

/**
 * Bytes and FLOPs of one call.
 * @example attention of 8 heads on 8 K/V heads of 128, context 1024, fp32: 8_388_608 K/V bytes
 */
export function countRow(call: CountedCall, formats: RowFormats): Counts {
  const { definition, shape } = rowOperation(call, formats);
  const { batch, context } = rowWorkload(call);
  const counts = emptyCounts();
  const point = { sequences: batch, requests: batch, queryTokens: 1, tokens: batch, logitsTokens: batch };
  definition.count(shape, { ...point, context, sourceContext: 0 }, counts);
  return counts;
}

function attentionOperation(call: CountedCall & { kind: "attention" }, formats: RowFormats): PlannedOperation {
  const shape = {
    heads: call.heads,
    headDim: call.headDim,
    rowElements: 2 * call.kvHeads * call.headDim,
    reach: { window: call.window ?? null, chunk: null },
    mode: "causal" as const,
    materialized: false,
    outputGate: false,
    weightBytes: 0,
    kvBytesPerElement: formats.kvCache.bits / 8,
    activationBytesPerElement: formats.activations.bits / 8,
  };
  return plannedOperation("attention", attentionCore, shape, multipliedIn(formats.kvCache, formats));
}

function linearOperation(call: CountedCall & { kind: "linear" }, formats: RowFormats): PlannedOperation {
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

function elementwiseOperation(call: CountedCall & { kind: "elementwise" }, formats: RowFormats): PlannedOperation {
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
