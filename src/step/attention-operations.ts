/** The operations of one layer's attention: projections, positions, cache, core, output. */
import { cacheElementsPerToken, cacheRowsKept } from "../architecture/cache-row.ts";
import type { LatentAttention, Layer, LinearAttention, SoftmaxAttention } from "../architecture/model.ts";
import {
  convolutionChannels,
  latentAttentionWeights,
  linearAttentionWeights,
  normWeights,
  softmaxAttentionWeights,
} from "../architecture/weights.ts";
import { attentionCore } from "../operations/attention-core.ts";
import { beamReorder } from "../operations/beam-reorder.ts";
import { cacheAppend } from "../operations/cache-append.ts";
import { latentAbsorption } from "../operations/latent-absorption.ts";
import { latentAttentionCore } from "../operations/latent-attention-core.ts";
import { linearAttentionCore } from "../operations/linear-attention-core.ts";
import { normalization, normFlopsPerFeature } from "../operations/normalization.ts";
import { projection } from "../operations/projection.ts";
import { rotaryEmbedding } from "../operations/rotary-embedding.ts";
import { sparseIndexer } from "../operations/sparse-indexer.ts";
import { type PlannedOperation, plannedOperation } from "./planned-operation.ts";
import type { StepContext } from "./step-context.ts";
import { bytesPerWeight, meanBytes } from "./weight-bytes.ts";

/** Self-attention of a layer; `finer` is the share of its layers that a mixed format stores finer. */
export function selfAttentionOperations(context: StepContext, layer: Layer, finer: number): PlannedOperation[] {
  const a = layer.attention;
  if (a.kind === "softmax") return softmaxOperations(context, a, finer, context.options.phase, false);
  if (a.kind === "latent") return latentOperations(context, a);
  return linearOperations(context, a);
}

/** An encoder layer's attention: all tokens see all, keys and values stay activations. */
export function encoderAttentionOperations(context: StepContext, layer: Layer, finer: number): PlannedOperation[] {
  if (layer.attention.kind !== "softmax") return [];
  return softmaxOperations(context, layer.attention, finer, "prefill", true);
}

/** Attention to an encoder's output in a decoding step: queries only, the cached keys and values are read. */
export function crossAttentionOperations(context: StepContext, a: SoftmaxAttention): PlannedOperation[] {
  const d = context.model.dModel;
  return [
    linear(context, "cross query projection", d, a.heads * a.headDim, { bias: a.qkvBias ? a.heads * a.headDim : 0 }),
    core(context, "cross attention", a, "cross"),
    outputProjection(context, "cross output projection", a),
  ];
}

/** Keys and values of the encoder's output, made and cached once a request, at the encoder's tokens. */
export function crossKeyValueOperations(context: StepContext, a: SoftmaxAttention, finer: number): PlannedOperation[] {
  const width = cacheElementsPerToken(a);
  return [
    onEncoder(
      linear(context, "cross key/value projection", context.model.dModel, width, {
        bias: a.qkvBias ? width : 0,
        bytesPerElement: keyValueBytes(context, finer),
      }),
    ),
    onEncoder(append(context, width, null, "cross cache write", "in-place")),
  ];
}

function softmaxOperations(
  context: StepContext,
  a: SoftmaxAttention,
  finer: number,
  phase: "decode" | "prefill",
  encoder: boolean,
): PlannedOperation[] {
  const d = context.model.dModel;
  const w = softmaxAttentionWeights(a, d);
  const heads = context.formats.matrices;
  const matrix = bytesPerWeight(heads, "matrix");
  const operations = [
    linear(context, "q/k/v projection", d, (w.queryKey + w.value) / d, {
      bias: w.qkvBias,
      bytesPerElement: meanBytes([
        [w.queryKey, matrix],
        [w.value, bytesPerWeight(heads, "value", finer)],
      ]),
    }),
  ];
  if (a.qkNorm !== "none") operations.push(...queryKeyNorms(context, a));
  if (a.rotaryDim > 0) operations.push(rotary(context, a.heads + a.kvHeads, a.rotaryDim));
  if (!encoder) {
    const kept = cacheRowsKept(a, Number.POSITIVE_INFINITY);
    const rows = Number.isFinite(kept) ? kept : null;
    const update = phase === "decode" ? context.options.cacheUpdate : "in-place";
    operations.push(append(context, cacheElementsPerToken(a), rows, "cache append", update));
    if (update === "concat") operations.push(reorder(context, cacheElementsPerToken(a), rows));
  }
  operations.push(core(context, "attention", a, encoder ? "bidirectional" : "causal"));
  operations.push(outputProjection(context, "output projection", a));
  return operations;
}

function latentOperations(context: StepContext, a: LatentAttention): PlannedOperation[] {
  const d = context.model.dModel;
  const w = latentAttentionWeights(a, d);
  const matrix = bytesPerWeight(context.formats.matrices, "matrix");
  const queryInput = a.queryRank ?? d;
  const operations: PlannedOperation[] = [];
  if (a.queryRank !== null) operations.push(linear(context, "query down projection", d, a.queryRank));
  operations.push(linear(context, "query up projection", queryInput, w.queryUp / queryInput));
  operations.push(linear(context, "latent down projection", d, a.kvRank + a.ropeDim));
  operations.push(norm(context, "latent norms", w.norms, 1, w.norms * context.normBytes));
  operations.push(rotary(context, a.heads + 1, a.ropeDim));
  const update = context.options.phase === "decode" ? context.options.cacheUpdate : "in-place";
  operations.push(append(context, cacheElementsPerToken(a), null, "cache append", update));
  if (update === "concat") operations.push(reorder(context, cacheElementsPerToken(a), null));
  if (a.indexer !== null) operations.push(...indexerOperations(context, a, queryInput));
  if (context.latentAbsorbed) operations.push(absorption(context, "query absorption", a, a.nopeDim, matrix));
  operations.push(
    plannedOperation(
      "latent attention",
      latentAttentionCore,
      {
        heads: a.heads,
        kvRank: a.kvRank,
        ropeDim: a.ropeDim,
        nopeDim: a.nopeDim,
        valueDim: a.valueDim,
        absorbed: context.latentAbsorbed,
        materialized: context.options.attentionKernel === "materialized",
        topK: a.indexer?.topK ?? null,
        weightBytes: context.latentAbsorbed ? 0 : (w.keyUp + w.valueUp) * matrix,
        kvBytesPerElement: context.kvBytes,
        activationBytesPerElement: context.activationBytes,
      },
      context.cacheFormat,
    ),
  );
  if (context.latentAbsorbed) operations.push(absorption(context, "value expansion", a, a.valueDim, matrix));
  operations.push(linear(context, "output projection", a.heads * a.valueDim, d));
  return operations;
}

function indexerOperations(context: StepContext, a: LatentAttention, queryInput: number): PlannedOperation[] {
  const index = a.indexer;
  if (index === null) return [];
  const d = context.model.dModel;
  return [
    linear(context, "indexer query projection", queryInput, index.heads * index.headDim),
    linear(context, "indexer key projection", d, index.headDim + index.heads),
    plannedOperation(
      "sparse indexer",
      sparseIndexer,
      {
        heads: index.heads,
        headDim: index.headDim,
        kvBytesPerElement: context.kvBytes,
        activationBytesPerElement: context.activationBytes,
      },
      context.cacheFormat,
    ),
  ];
}

function linearOperations(context: StepContext, a: LinearAttention): PlannedOperation[] {
  const d = context.model.dModel;
  const w = linearAttentionWeights(a, d);
  const channels = convolutionChannels(a);
  return [
    linear(context, "linear attention projection", d, w.input / d),
    linear(context, "linear attention gates", d, w.gates / d),
    plannedOperation(
      "linear attention",
      linearAttentionCore,
      {
        valueHeads: a.valueHeads,
        keyDim: a.keyDim,
        valueDim: a.valueDim,
        channels,
        convolution: a.convolution,
        weightBytes: (w.convolution + w.norms) * context.normBytes,
        // The state is kept in fp32 by the models that have one (mamba_ssm_dtype in Qwen3.5's config.json).
        stateBytesPerElement: linearStateBytes,
        kvBytesPerElement: context.kvBytes,
        activationBytesPerElement: context.activationBytes,
      },
      context.cacheFormat,
    ),
    linear(context, "output projection", a.valueHeads * a.valueDim, d),
  ];
}

/** Bytes an element of a linear attention's state: fp32. */
export const linearStateBytes = 4;

interface LinearParts {
  readonly bias?: number;
  readonly bytesPerElement?: number;
}

/** A projection with weights of the step's matrix format. */
export function linear(
  context: StepContext,
  name: string,
  inFeatures: number,
  outFeatures: number,
  parts: LinearParts = {},
): PlannedOperation {
  return plannedOperation(
    name,
    projection,
    {
      inFeatures,
      outFeatures,
      weightBytesPerElement: parts.bytesPerElement ?? bytesPerWeight(context.formats.matrices, "matrix"),
      biasElements: parts.bias ?? 0,
      biasBytesPerElement: context.normBytes,
      activationBytesPerElement: context.activationBytes,
    },
    context.matrixFormat,
  );
}

/** A norm of `vectors` vectors of `features` a token. */
export function norm(
  context: StepContext,
  name: string,
  features: number,
  vectors: number,
  weightBytes: number,
): PlannedOperation {
  return plannedOperation(
    name,
    normalization,
    {
      features,
      vectors,
      flopsPerFeature: normFlopsPerFeature(context.model.norm, context.model.normBias),
      weightBytes,
      activationBytesPerElement: context.activationBytes,
    },
    context.elementFormat,
  );
}

function core(
  context: StepContext,
  name: string,
  a: SoftmaxAttention,
  mode: "causal" | "cross" | "bidirectional",
): PlannedOperation {
  const w = softmaxAttentionWeights(a, context.model.dModel);
  return plannedOperation(
    name,
    attentionCore,
    {
      heads: a.heads,
      headDim: a.headDim,
      rowElements: cacheElementsPerToken(a),
      reach: { window: a.window, chunk: a.chunk },
      mode,
      materialized: context.options.attentionKernel === "materialized",
      outputGate: a.outputGate,
      weightBytes: w.extra * context.normBytes,
      kvBytesPerElement: context.kvBytes,
      activationBytesPerElement: context.activationBytes,
    },
    context.cacheFormat,
  );
}

function outputProjection(context: StepContext, name: string, a: SoftmaxAttention): PlannedOperation {
  const w = softmaxAttentionWeights(a, context.model.dModel);
  return linear(context, name, a.heads * a.headDim, context.model.dModel, { bias: w.outputBias });
}

function queryKeyNorms(context: StepContext, a: SoftmaxAttention): PlannedOperation[] {
  if (a.qkNorm === "head") {
    const weights = 2 * normWeights(context.model, a.headDim) * context.normBytes;
    return [norm(context, "q/k norm", a.headDim, a.heads + a.kvHeads, weights)];
  }
  const width = (a.heads + a.kvHeads) * a.headDim;
  return [norm(context, "q/k norm", width, 1, normWeights(context.model, width) * context.normBytes)];
}

function rotary(context: StepContext, heads: number, rotaryDim: number): PlannedOperation {
  return plannedOperation(
    "rotary embedding",
    rotaryEmbedding,
    { heads, rotaryDim, activationBytesPerElement: context.activationBytes },
    context.elementFormat,
  );
}

function append(
  context: StepContext,
  elementsPerToken: number,
  rowsKept: number | null,
  name: string,
  update: "in-place" | "concat",
): PlannedOperation {
  return plannedOperation(
    name,
    cacheAppend,
    {
      elementsPerToken,
      kvBytesPerElement: context.kvBytes,
      activationBytesPerElement: context.activationBytes,
      update,
      rowsKept,
    },
    context.elementFormat,
  );
}

function reorder(context: StepContext, elementsPerToken: number, rowsKept: number | null): PlannedOperation {
  const shape = { elementsPerToken, kvBytesPerElement: context.kvBytes, rowsKept };
  return plannedOperation("beam reorder", beamReorder, shape, context.elementFormat);
}

function absorption(
  context: StepContext,
  name: string,
  a: LatentAttention,
  headDim: number,
  weightBytesPerElement: number,
): PlannedOperation {
  return plannedOperation(
    name,
    latentAbsorption,
    {
      heads: a.heads,
      headDim,
      kvRank: a.kvRank,
      weightBytesPerElement,
      activationBytesPerElement: context.activationBytes,
    },
    context.matrixFormat,
  );
}

function keyValueBytes(context: StepContext, finer: number): number {
  const format = context.formats.matrices;
  return (bytesPerWeight(format, "matrix") + bytesPerWeight(format, "value", finer)) / 2;
}

function onEncoder(operation: PlannedOperation): PlannedOperation {
  return { ...operation, encoder: true };
}
