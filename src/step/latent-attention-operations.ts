/** The operations of latent attention (MLA), absorbed or expanded, and of its sparse indexer. */
import { cacheElementsPerToken } from "../architecture/cache-row.ts";
import type { LatentAttention } from "../architecture/model.ts";
import { latentAttentionWeights } from "../architecture/weights.ts";
import { latentAbsorption } from "../operations/latent-absorption.ts";
import { latentAttentionCore } from "../operations/latent-attention-core.ts";
import { sparseIndexer } from "../operations/sparse-indexer.ts";
import { type PlannedOperation, plannedOperation } from "./planned-operation.ts";
import { append, linear, norm, reorder, rotary } from "./shared-operations.ts";
import type { StepContext } from "./step-context.ts";
import { bytesPerWeight, tensorShards } from "./weight-bytes.ts";

/** Self-attention of a layer with latent attention. */
export function latentOperations(context: StepContext, a: LatentAttention): PlannedOperation[] {
  const d = context.model.dModel;
  const w = latentAttentionWeights(a, d);
  // GGUF files store the keys' half transposed, in rows of nopeDim (attn_k_b), the values' half in rows of kvRank (attn_v_b).
  const keyBytes = bytesPerWeight(context.formats.matrices, "matrix", a.nopeDim);
  const valueBytes = bytesPerWeight(context.formats.matrices, "matrix", a.kvRank);
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
  if (a.indexer !== null) operations.push(...indexerOperations(context, a.indexer, queryInput));
  if (context.latentAbsorbed) operations.push(absorption(context, "query absorption", a, a.nopeDim, keyBytes));
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
        weightBytes: context.latentAbsorbed ? 0 : w.keyUp * keyBytes + w.valueUp * valueBytes,
        kvBytesPerElement: context.kvBytes,
        activationBytesPerElement: context.activationBytes,
      },
      context.cacheFormat,
    ),
  );
  if (context.latentAbsorbed) operations.push(absorption(context, "value expansion", a, a.valueDim, valueBytes));
  const inputs = a.heads * a.valueDim;
  operations.push(linear(context, "output projection", inputs, d, { columns: inputs * tensorShards(context.model) }));
  return operations;
}

function indexerOperations(
  context: StepContext,
  index: NonNullable<LatentAttention["indexer"]>,
  queryInput: number,
): PlannedOperation[] {
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
