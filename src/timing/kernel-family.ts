/**
 * Which kernel serves an operation. Operations of one family run the same code at other sizes, so that one fit holds for all:
 *   linear       one row (a matrix times a vector) and several, by the format of the weights
 *   attention    one query a K/V head and several that share each row read, by the format of keys and values
 *   the others   each kind of its own; where a kind was not measured, the small ones together
 * Operations that no family covers (collectives, experts, latent attention …) have none.
 */
import type { AttentionCoreShape } from "../operations/attention-core.ts";
import type { StepPoint } from "../operations/operation.ts";
import type { PlannedOperation } from "../step/planned-operation.ts";
import type { StepPlan } from "../step/step-plan.ts";

/** Such as "linear, one row, bf16". */
export type KernelFamily = string;

/** The small kernels together. */
export const elementwiseFamily: KernelFamily = "elementwise";

/** Kinds of operation that one of the small kernels does. */
export const smallKinds: ReadonlySet<string> = new Set([
  "normalization",
  "rotary-embedding",
  "feed-forward-activation",
  "residual",
  "cache-append",
  "embedding-lookup",
]);

/** The families of an operation by the rows that one instance works on: one, or several. */
export interface OperationFamilies {
  readonly one: readonly KernelFamily[];
  readonly several: readonly KernelFamily[];
  /** Whether an instance works on several rows at this workload. */
  readonly isSeveral: (point: StepPoint) => boolean;
}

/**
 * From the most specific family to the most general; empty where none covers the operation.
 * @example the output projection of a bf16 model: one "linear, one row, bf16", several "linear, several rows, bf16"
 */
export function operationFamilies(operation: PlannedOperation, plan: StepPlan): OperationFamilies {
  const kind = operation.definition.kind;
  if (kind === "projection") return linearFamilies(plan.formats.matrices.id, (point) => point.tokens > 1);
  if (kind === "logits") return linearFamilies(plan.formats.logits.id, (point) => point.logitsTokens > 1);
  if (kind === "attention-core") return attentionFamilies(operation, plan);
  const families = smallKinds.has(kind) ? [kind, elementwiseFamily] : [];
  return { one: families, several: families, isSeveral: () => false };
}

function linearFamilies(format: string, isSeveral: (point: StepPoint) => boolean): OperationFamilies {
  return { one: [`linear, one row, ${format}`], several: [`linear, several rows, ${format}`], isSeveral };
}

function attentionFamilies(operation: PlannedOperation, plan: StepPlan): OperationFamilies {
  const shape = operation.shape as unknown as AttentionCoreShape;
  const queriesOfARow = shape.heads / (shape.rowElements / (2 * shape.headDim));
  const format = plan.options.kvCache.id;
  return {
    one: [`attention, one query a K/V head, ${format}`],
    several: [`attention, shared K/V heads, ${format}`],
    isSeveral: (point) => queriesOfARow * point.queryTokens > 1,
  };
}
