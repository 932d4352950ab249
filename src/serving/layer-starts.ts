/**
 * How many kernels a model's layer starts beside that of the model that the engines' constants were fitted on: layerSeconds is the
 * start-ups of a layer of Qwen3-32B, four matrix products, attention and what stands between them; a layer with experts or with latent
 * attention runs more and other kernels, and waits for each of theirs to start.
 *   ratio = start-ups of the model's layer, measured alone / those of Qwen3-32B's        both in 16 bits, one sequence, one device
 */
import { evaluateStep, stepPredictor } from "../analysis/predict-step.ts";
import type { Model } from "../architecture/model.ts";
import type { Hardware } from "../hardware/hardware.ts";
import { parseNumberFormat } from "../quantity/number-format.ts";
import type { Calibration } from "../timing/calibration.ts";
import { kernelTiming } from "../timing/choose-timing.ts";
import type { EngineId } from "../timing/execution-profile.ts";

/** Of a layer of Qwen3-32B, by the start-ups of vLLM's and PyTorch's kernels on an H100; a test holds it. */
export const fittedLayerStartSeconds = 36.2e-6;

/** @throws InvalidInput where no fit of kernels is known */
export function layerStartRatio(
  model: Model,
  hardware: Hardware,
  calibrations: readonly Calibration[],
  engine: EngineId,
): number {
  return layerStartSeconds(model, hardware, calibrations, engine) / fittedLayerStartSeconds;
}

export function layerStartSeconds(
  model: Model,
  hardware: Hardware,
  calibrations: readonly Calibration[],
  engine: EngineId,
): number {
  const half = parseNumberFormat("bf16");
  const timing = kernelTiming(hardware, calibrations, engine, "graph");
  const predictor = stepPredictor(model, hardware, { timing, step: { weights: half, activations: half } });
  const { overhead } = evaluateStep(predictor, { batch: 1, context: 1 }).secondsByBound;
  return overhead / model.decoder.order.length;
}
