/** A plan of one measured kernel, so that it is counted and timed as every operation of a step is. */
import type { Model } from "../architecture/model.ts";
import type { RowFormats } from "../measurement/row-operation.ts";
import type { PlannedOperation } from "../step/planned-operation.ts";
import { defaultStepOptions } from "../step/step-options.ts";
import type { StepPlan } from "../step/step-plan.ts";

/** A plan of one operation alone, so that any timing model can be bound to it; several new tokens a sequence are a prefill's. */
export function kernelPlan(operation: PlannedOperation, formats: RowFormats, queryTokens = 1): StepPlan {
  const phase = queryTokens > 1 ? "prefill" : "decode";
  return {
    model: kernelModel,
    deviceModel: kernelModel,
    options: { ...defaultStepOptions, ...formats, phase },
    formats: { matrices: formats.weights, experts: formats.weights, logits: formats.weights },
    operations: [operation],
  };
}

/** A kernel is no model's: a plan without layers. */
const kernelModel: Model = {
  id: "kernel",
  name: "one kernel",
  dModel: 1,
  vocab: 1,
  tiedEmbeddings: true,
  positions: 0,
  norm: "plain",
  normBias: false,
  outerNorms: 0,
  logitsBias: false,
  maxContext: null,
  decoder: { kinds: [], order: [] },
  encoder: null,
  publishedWeights: null,
};
