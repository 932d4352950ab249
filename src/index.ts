/**
 * The library: what counts, times and compares decode steps. Nothing here touches files, the clock or Node, so it runs in a
 * browser unchanged; `ridgepoint/node` adds the built-in profiles, files and pictures.
 *
 * @example
 * const model = modelFromProfile(profile); // a parsed JSON of model-profiles/, or modelFromHuggingFace(config).model
 * countDecodeStep(model, { batch: 1, context: 512 }).totals.kvBytes; // Llama-2-7B: 513 × 524_288
 * const predictor = stepPredictor(model, hardware);
 * predictStep(predictor, { batch: 64, context: 2048 }).bound;
 */
export {
  type ComparedStep,
  type CompareRequest,
  compareVariants,
  type NamedVariant,
} from "./analysis/compare-variants.ts";
export { countDecodeStep, type StepCounts } from "./analysis/count-decode-step.ts";
export { type CrossoverRequest, crossover } from "./analysis/crossover.ts";
export type { AxisCrossings, Crossing, CrossoverReport } from "./analysis/crossover-report.ts";
export {
  describeHardware,
  type HardwareDescription,
  type PeakDescription,
  type SourcedFigure,
  sourcedFigures,
} from "./analysis/describe-hardware.ts";
export { describeModel, type LayerDescription, type ModelDescription } from "./analysis/describe-model.ts";
export { type FitAdvice, fitAdvice } from "./analysis/fit-advice.ts";
export {
  type GenerateRequest,
  type GenerationPrediction,
  type GenerationStep,
  generateRequest,
  type OutOfMemory,
} from "./analysis/generate-request.ts";
export {
  evaluateStep,
  type OperationPrediction,
  type PredictorOptions,
  predictStep,
  type StepPrediction,
  type StepPredictor,
  stepPredictor,
} from "./analysis/predict-step.ts";
export {
  type SensitivityReport,
  type SensitivityRequest,
  type SensitivityRow,
  sensitivity,
} from "./analysis/sensitivity.ts";
export {
  type AttentionVariant,
  applyAttention,
  applyWindow,
  describeAttention,
  widenFeedForward,
} from "./architecture/attention-variant.ts";
export { cacheElementsPerToken, cacheRowsKept, modelCacheElementsPerToken } from "./architecture/cache-row.ts";
export { type HuggingFaceModel, modelFromHuggingFace } from "./architecture/hugging-face/model-from-hugging-face.ts";
export type {
  Attention,
  DenseFeedForward,
  FeedForward,
  LatentAttention,
  Layer,
  LinearAttention,
  MixtureOfExperts,
  Model,
  PublishedWeights,
  SoftmaxAttention,
  Stack,
} from "./architecture/model.ts";
export { modelFromProfile } from "./architecture/model-from-profile.ts";
export type { ModelProfile } from "./architecture/model-profile.ts";
export { deviceCount, type Parallelism, shardModel, singleDevice } from "./architecture/shard.ts";
export { countLayerParameters, countParameters, type ParameterCount } from "./architecture/weights.ts";
export { type ComputePeak, computePeak } from "./hardware/compute-peak.ts";
export type { Cache, Hardware, HardwareNode, Link } from "./hardware/hardware.ts";
export type { HardwareProfile } from "./hardware/hardware-profile.ts";
export { withCeilings } from "./hardware/measured-ceilings.ts";
export { levelHolding, type MemoryLevel, memoryLevels, withoutCaches } from "./hardware/memory-levels.ts";
export type { Counts, Formulas, OperationDefinition, StepPoint } from "./operations/operation.ts";
export {
  formatBandwidth,
  formatBytes,
  formatBytesBinary,
  formatCount,
  formatFlops,
  formatFlopsPerSecond,
  formatPercent,
  formatRate,
  formatRatio,
  formatSeconds,
} from "./quantity/format-quantity.ts";
export { InvalidInput } from "./quantity/invalid-input.ts";
export {
  type ComputeFormat,
  type NumberFormat,
  type NumberFormatId,
  parseNumberFormat,
} from "./quantity/number-format.ts";
export { type SeededRandom, seededRandom } from "./quantity/seeded-random.ts";
export { typedNumber, workloadSize } from "./quantity/typed-number.ts";
export { type PredictedStepCosts, predictedStepCosts } from "./serving/predicted-step-costs.ts";
export { type ServingProfile, servingProfiles } from "./serving/serving-profiles.ts";
export { type ServingEngine, type SteadyLoad, type SteadyState, steadyState } from "./serving/steady-state.ts";
export { countStep, type StepTape, stepTape } from "./step/count-step.ts";
export { type Footprint, footprintOf, largestBatch, planFootprint } from "./step/footprint.ts";
export type { OperationCounts, StepTotals } from "./step/step-counts.ts";
export { defaultStepOptions, type StepOptions, type StepWorkload } from "./step/step-options.ts";
export { planStep, type StepPlan } from "./step/step-plan.ts";
export type { Calibration, ErrorSpread, FittedKernel } from "./timing/calibration.ts";
export { chooseTiming, kernelTiming, rooflineChoice, type TimingChoice } from "./timing/choose-timing.ts";
export { executionProfiles } from "./timing/engines.ts";
export { type EngineId, type ExecutionProfile, engineIds } from "./timing/execution-profile.ts";
export type { FormParameter, KernelForm, KernelMachine, KernelTime } from "./timing/kernel-form.ts";
export { kernelForms } from "./timing/kernels/registry.ts";
export { roofline } from "./timing/roofline.ts";
export {
  type Bound,
  bounds,
  emptyStepTime,
  largestBound,
  type StepTime,
  type StepTimer,
  type TimingModel,
} from "./timing/timing-model.ts";
