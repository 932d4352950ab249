/**
 * The linear layers and small kernels of a decode step of a model, in the shapes that the step itself plans: what is measured
 * alone is then what a whole step runs.
 */
import { type CacheAppendShape, cacheAppend } from "../operations/cache-append.ts";
import { type FeedForwardActivationShape, feedForwardActivation } from "../operations/feed-forward-activation.ts";
import { type LogitsShape, logits } from "../operations/logits.ts";
import { type NormalizationShape, normalization } from "../operations/normalization.ts";
import type { OperationDefinition } from "../operations/operation.ts";
import { type ProjectionShape, projection } from "../operations/projection.ts";
import { type ResidualShape, residual } from "../operations/residual.ts";
import { type RotaryEmbeddingShape, rotaryEmbedding } from "../operations/rotary-embedding.ts";
import type { PlannedOperation } from "../step/planned-operation.ts";
import { defaultStepOptions } from "../step/step-options.ts";
import { planStep } from "../step/step-plan.ts";
import type { ElementwiseGrid, LinearGrid } from "./grid.ts";
import type { StepDimensions } from "./measured-shape.ts";
import { stepModel } from "./step-model.ts";

type LinearKernel = LinearGrid["shapes"][number];
type SmallKernel = ElementwiseGrid["shapes"][number];

export interface StepKernels {
  readonly linear: readonly LinearKernel[];
  readonly elementwise: readonly SmallKernel[];
}

/**
 * @example 16 heads of 128 on a d_model of 1024: the output layer is 2048 x 1024, and 8 K/V heads make 24 rotated heads
 */
export function stepKernels(dimensions: StepDimensions): StepKernels {
  const { operations } = planStep(stepModel(dimensions), defaultStepOptions);
  return { linear: operations.flatMap(linearKernel), elementwise: operations.flatMap(smallKernels) };
}

function linearKernel(operation: PlannedOperation): LinearKernel[] {
  const layer = shapeIn<ProjectionShape>(operation, projection);
  if (layer !== null) return [{ what: labelOf(operation), k: layer.inFeatures, n: layer.outFeatures }];
  const head = shapeIn<LogitsShape>(operation, logits);
  return head === null ? [] : [{ what: labelOf(operation), k: head.dModel, n: head.vocab }];
}

/** @example "q/k/v projection" is q/k/v in a table, "feed-forward down" is down */
function labelOf({ name }: PlannedOperation): string {
  return name.replace(/^feed-forward /, "").replace(/ projection$/, "");
}

function smallKernels(operation: PlannedOperation): SmallKernel[] {
  const plain = { dtype: "fp32", headDim: null, gated: null };
  const norm = shapeIn<NormalizationShape>(operation, normalization);
  if (norm !== null) return [{ ...plain, op: "normalization", features: norm.features }];
  const rotary = shapeIn<RotaryEmbeddingShape>(operation, rotaryEmbedding);
  if (rotary !== null) {
    const { heads, rotaryDim } = rotary;
    return [{ ...plain, op: "rotary-embedding", features: heads * rotaryDim, headDim: rotaryDim }];
  }
  const activation = shapeIn<FeedForwardActivationShape>(operation, feedForwardActivation);
  if (activation !== null) {
    const { dFf, gated } = activation;
    return [{ ...plain, op: "feed-forward-activation", features: dFf, gated }];
  }
  const sum = shapeIn<ResidualShape>(operation, residual);
  if (sum !== null) return [{ ...plain, op: "residual", features: sum.dModel }];
  const append = shapeIn<CacheAppendShape>(operation, cacheAppend);
  if (append === null) return [];
  const row = { ...plain, op: "cache-append", features: append.elementsPerToken } as const;
  return [row, { ...row, dtype: "bf16" }];
}

/** The operation's shape where it is of this definition: that it is tells the type which a plan has erased. */
function shapeIn<Shape>(operation: PlannedOperation, definition: OperationDefinition<Shape>): Shape | null {
  const isOf = operation.definition.kind === definition.kind;
  return isOf ? (operation.shape as unknown as Shape) : null;
}
