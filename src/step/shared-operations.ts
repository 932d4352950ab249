/** Operations that several kinds of attention and feed-forward networks are made of, in a step's formats. */
import { beamReorder } from "../operations/beam-reorder.ts";
import { cacheAppend } from "../operations/cache-append.ts";
import { normalization, normFlopsPerFeature } from "../operations/normalization.ts";
import { projection } from "../operations/projection.ts";
import { rotaryEmbedding } from "../operations/rotary-embedding.ts";
import type { WeightRole } from "../quantity/number-format.ts";
import { type PlannedOperation, plannedOperation } from "./planned-operation.ts";
import type { StepContext } from "./step-context.ts";
import { bytesPerWeight } from "./weight-bytes.ts";

interface LinearParts {
  readonly bias?: number;
  /** What the matrix is used for ("matrix"), and the share of its layers stored finer (0). */
  readonly role?: WeightRole;
  readonly finer?: number;
  /** Inputs of the whole matrix where a device holds a part of them. */
  readonly columns?: number;
  /** Of a matrix whose parts have different bits. */
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
      weightBytesPerElement:
        parts.bytesPerElement ??
        bytesPerWeight(context.formats.matrices, parts.role ?? "matrix", parts.columns ?? inFeatures, parts.finer),
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

/** Rotary embedding of `heads` heads. */
export function rotary(context: StepContext, heads: number, rotaryDim: number): PlannedOperation {
  return plannedOperation(
    "rotary embedding",
    rotaryEmbedding,
    { heads, rotaryDim, activationBytesPerElement: context.activationBytes },
    context.elementFormat,
  );
}

/** The new tokens' rows appended to the cache. */
export function append(
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

/** The gather of a concatenated cache after a step of beam search. */
export function reorder(context: StepContext, elementsPerToken: number, rowsKept: number | null): PlannedOperation {
  const shape = { elementsPerToken, kvBytesPerElement: context.kvBytes, rowsKept };
  return plannedOperation("beam reorder", beamReorder, shape, context.elementFormat);
}
