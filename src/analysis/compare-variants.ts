/** The same step with several attention variants, over batches, contexts and machines: what each costs, and how much faster it is than the first. */
import type { Model } from "../architecture/model.ts";
import type { Hardware } from "../hardware/hardware.ts";
import { InvalidInput } from "../quantity/invalid-input.ts";
import type { StepWorkload } from "../step/step-options.ts";
import { type PredictorOptions, predictStep, type StepPrediction, stepPredictor } from "./predict-step.ts";

/** A model under the name of its attention variant, as applyAttention made it. */
export interface NamedVariant {
  readonly attention: string;
  readonly model: Model;
}

export interface CompareRequest {
  /** The first is what the others are compared with. */
  readonly variants: readonly NamedVariant[];
  readonly hardware: readonly Hardware[];
  readonly batches: readonly number[];
  readonly contexts: readonly number[];
  readonly options?: PredictorOptions;
  /** Beams, query tokens and source context, the same for every row. */
  readonly workload?: Omit<StepWorkload, "batch" | "context">;
}

/** One variant at one batch and context on one machine. */
export interface ComparedStep extends Omit<StepPrediction, "operations"> {
  readonly attention: string;
  /** Seconds of the first variant over this one's; null where either does not fit. */
  readonly speedup: number | null;
}

/** A comparison is kept in memory as a whole; a sweep streams. */
export const maxComparedSteps = 100_000;

/**
 * Every variant at every point, in the order machine, batch, context, variant; what does not fit has no speed.
 * @throws InvalidInput for an empty list, more than 100,000 steps, or options that don't go with a variant or a machine
 * @example MHA against MQA at batch 1 and context 1: the speed-up is near 1, since the weights are nearly all of the bytes
 */
export function compareVariants(request: CompareRequest): ComparedStep[] {
  const { variants, hardware, batches, contexts } = request;
  checkSize(request);
  const rows: ComparedStep[] = [];
  for (const machine of hardware) {
    const predicted = variants.map(({ attention, model }) => ({
      attention,
      predictor: stepPredictor(model, machine, request.options),
    }));
    for (const batch of batches) {
      for (const context of contexts) {
        let firstSeconds: number | null = null;
        for (const [index, { attention, predictor }] of predicted.entries()) {
          const { operations: _, ...step } = predictStep(predictor, { ...request.workload, batch, context });
          if (index === 0) firstSeconds = step.seconds;
          const speedup = firstSeconds === null || step.seconds === null ? null : firstSeconds / step.seconds;
          rows.push({ ...step, attention, speedup });
        }
      }
    }
  }
  return rows;
}

function checkSize({ variants, hardware, batches, contexts }: CompareRequest): void {
  for (const [field, list] of Object.entries({ attention: variants, hardware, batch: batches, context: contexts })) {
    if (list.length === 0) throw new InvalidInput(field, "", "wants at least one");
  }
  const steps = variants.length * hardware.length * batches.length * contexts.length;
  if (steps > maxComparedSteps) {
    throw new InvalidInput(
      "batch",
      `${steps} steps in all`,
      "compare takes at most 100,000; `ridgepoint sweep` streams any number",
    );
  }
}
