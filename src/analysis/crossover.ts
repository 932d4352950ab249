/**
 * Where the answer flips for a model on a machine: the batch and the context at which a step turns from weight-bound to
 * cache-bound and from memory-bound to compute-bound, at which fewer K/V heads begin to matter, and at which the cache is as
 * large as the weights. Computed, not scanned; each answer is exact to the last request or token of the same counts.
 */
import { applyAttention } from "../architecture/attention-variant.ts";
import type { Model } from "../architecture/model.ts";
import type { Hardware } from "../hardware/hardware.ts";
import { footprintOf } from "../step/footprint.ts";
import type { StepWorkload } from "../step/step-options.ts";
import { largestBound } from "../timing/timing-model.ts";
import {
  cacheEqualsWeightsCrossing,
  memoryToComputeCrossing,
  operationRidges,
  sceneOf,
  weightToCacheCrossing,
  weightToCacheSecondsCrossing,
} from "./crossover-questions.ts";
import type { AxisCrossings, CrossoverReport, VariantMatters } from "./crossover-report.ts";
import { groupsOf, variantMatters } from "./crossover-variants.ts";
import { evaluateStep, type PredictorOptions, stepPredictor } from "./predict-step.ts";
import { stepAxis } from "./step-axis.ts";

export interface CrossoverRequest {
  readonly model: Model;
  readonly hardware: Hardware;
  readonly workload: StepWorkload;
  readonly options?: PredictorOptions;
  /** The speed-up over multi-head attention from which on fewer K/V heads matter; 1.05 by default. */
  readonly threshold?: number;
  /** K/V heads of the grouped variant; by default 8, or the most under it that divide the heads. */
  readonly groups?: number;
  /** Whether the variants keep the model's parameter count. */
  readonly sameParameters?: boolean;
}

/**
 * All crossovers of one model on one machine around one batch and context.
 * @throws InvalidInput for a threshold below 1, groups that don't divide the heads, or a workload that doesn't go with the model
 * @example Llama-2-7B, bf16, context 4096: weightToCache.batch.value is 7 (13.2 GB of weights, 2.1 GB of cache a sequence)
 */
export function crossover(request: CrossoverRequest): CrossoverReport {
  const { model, hardware, workload, options = {}, threshold = 1.05 } = request;
  const predictor = stepPredictor(model, hardware, options);
  const time = evaluateStep(predictor, workload);
  const bound = largestBound(time.secondsByBound);
  const queryTokens = predictor.tape.point.queryTokens;
  const shortest = { ...workload, batch: 1, context: stepAxis(predictor.plan, workload, "context").from };
  const fitsAt = (load: StepWorkload): boolean =>
    footprintOf(predictor.footprintPlan, load).bytes <= predictor.limitBytes;
  const scene = sceneOf(predictor, workload);
  const both = (question: typeof weightToCacheCrossing): AxisCrossings => ({
    batch: question(scene, "batch"),
    context: question(scene, "context"),
  });
  const variant = (attention: string): VariantMatters =>
    variantMatters(scene, {
      attention,
      threshold,
      few: stepPredictor(applyAttention(model, attention, request.sameParameters), hardware, options),
      many: stepPredictor(applyAttention(model, "mha", request.sameParameters), hardware, options),
    });
  const groups = groupsOf(model, request.groups);
  return {
    model: model.id,
    hardware: hardware.id,
    phase: predictor.plan.options.phase,
    timing: predictor.timing.id,
    engine: predictor.timing.engine,
    calibration: predictor.timing.calibration,
    batch: workload.batch,
    context: workload.context,
    queryTokens,
    beams: workload.beams ?? 1,
    bound,
    fits: fitsAt(workload),
    nothingFits: !fitsAt(shortest),
    largestBatch: scene.largestBatch,
    largestContext: scene.largestContext,
    weightToCache: both(weightToCacheCrossing),
    weightToCacheSeconds: both(weightToCacheSecondsCrossing),
    memoryToCompute: both(memoryToComputeCrossing),
    operations: operationRidges(scene),
    multiQueryMatters: groups === null ? null : variant("mqa"),
    groupedQueryMatters: groups === null || groups.kvHeads === null ? null : variant(`gqa:${groups.kvHeads}`),
    cacheEqualsWeights: both(cacheEqualsWeightsCrossing),
    notes: [...predictor.timing.notes],
  };
}
