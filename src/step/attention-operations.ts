/** The operations of one layer's attention: projections, positions, cache, core, output. */
import { cacheElementsPerToken, cacheRowsKept } from "../architecture/cache-row.ts";
import type { Layer, SoftmaxAttention } from "../architecture/model.ts";
import { normWeights, softmaxAttentionWeights } from "../architecture/weights.ts";
import { attentionCore } from "../operations/attention-core.ts";
import { InvalidInput } from "../quantity/invalid-input.ts";
import { latentOperations } from "./latent-attention-operations.ts";
import { linearOperations } from "./linear-attention-operations.ts";
import { type PlannedOperation, plannedOperation } from "./planned-operation.ts";
import { append, linear, norm, reorder, rotary } from "./shared-operations.ts";
import type { StepContext } from "./step-context.ts";
import { keyValueBytes, outputRole, queryKeyValueBytes, tensorShards } from "./weight-bytes.ts";

/** Self-attention of a layer; `finer` is the share of its layers that a mixed format stores finer. */
export function selfAttentionOperations(context: StepContext, layer: Layer, finer: number): PlannedOperation[] {
  const a = layer.attention;
  if (a.kind === "softmax") return softmaxOperations(context, a, finer, context.options.phase, false);
  if (a.kind === "latent") return latentOperations(context, a);
  return linearOperations(context, a);
}

/**
 * An encoder layer's attention: all tokens see all, keys and values stay activations.
 * @throws InvalidInput for latent or linear attention, which no encoder here has
 */
export function encoderAttentionOperations(context: StepContext, layer: Layer, finer: number): PlannedOperation[] {
  if (layer.attention.kind !== "softmax") {
    throw new InvalidInput("encoder", layer.attention.kind, "wants softmax attention in every layer of an encoder");
  }
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
        bytesPerElement: keyValueBytes(context.model, context.formats.matrices, a, finer),
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
  const operations = [
    linear(context, "q/k/v projection", d, (w.queryKey + w.value) / d, {
      bias: w.qkvBias,
      bytesPerElement: queryKeyValueBytes(context.model, context.formats.matrices, a, finer),
    }),
  ];
  if (a.qkNorm !== "none") operations.push(...queryKeyNorms(context, a));
  if (a.rotaryDim > 0) operations.push(rotary(context, a.heads + a.kvHeads, a.rotaryDim));
  if (!encoder) {
    const kept = cacheRowsKept(a, Number.POSITIVE_INFINITY);
    const rows = Number.isFinite(kept) ? kept : null;
    const update = phase === "decode" ? context.options.cacheUpdate : "in-place";
    operations.push(
      append(context, cacheElementsPerToken(a), update === "concat" ? rows : null, "cache append", update),
    );
    if (update === "concat") operations.push(reorder(context, cacheElementsPerToken(a), rows));
  }
  operations.push(core(context, "attention", a, encoder ? "bidirectional" : "causal"));
  operations.push(outputProjection(context, "output projection", a));
  return operations;
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
  const inputs = a.heads * a.headDim;
  return linear(context, name, inputs, context.model.dModel, {
    bias: w.outputBias,
    role: outputRole(context.model),
    columns: inputs * tensorShards(context.model),
  });
}

function queryKeyNorms(context: StepContext, a: SoftmaxAttention): PlannedOperation[] {
  if (a.qkNorm === "head") {
    const weights = 2 * normWeights(context.model, a.headDim) * context.normBytes;
    return [norm(context, "q/k norm", a.headDim, a.heads + a.kvHeads, weights)];
  }
  const width = (a.heads + a.kvHeads) * a.headDim;
  return [norm(context, "q/k norm", width, 1, normWeights(context.model, width) * context.normBytes)];
}

function onEncoder(operation: PlannedOperation): PlannedOperation {
  return { ...operation, encoder: true };
}
