/** What would make a step fit that doesn't: more devices, fewer bits, a smaller batch; each tried, not guessed. */
import type { Model } from "../architecture/model.ts";
import type { Hardware } from "../hardware/hardware.ts";
import { InvalidInput } from "../quantity/invalid-input.ts";
import { parseNumberFormat } from "../quantity/number-format.ts";
import { footprintOf, largestBatch, planFootprint } from "../step/footprint.ts";
import { defaultStepOptions, type StepOptions, type StepWorkload } from "../step/step-options.ts";
import { planStep } from "../step/step-plan.ts";
import type { PredictorOptions } from "./predict-step.ts";

/** One change that makes it fit, as the option a user would type, and the footprint it leads to. */
export interface FitAdvice {
  readonly option: string;
  readonly footprintBytes: number;
}

const tensorSizes = [2, 4, 8, 16, 32, 64];
const weightFormats = ["fp8", "int4"];

/**
 * The smallest tensor-parallel size that fits, the widest weight and cache formats that fit on the devices given, and the
 * largest batch; each alone. Empty where none of them does.
 * @example Llama-3.1-70B in bf16 on one H100: --tensor-parallel 2, --weights fp8
 */
export function fitAdvice(
  model: Model,
  hardware: Hardware,
  options: PredictorOptions,
  workload: StepWorkload,
): FitAdvice[] {
  const limit = hardware.memoryCapacityBytes * (options.memoryShare ?? 1);
  const step: StepOptions = { ...defaultStepOptions, ...options.step };
  const advice: FitAdvice[] = [];
  const attempt = (option: string, changed: StepOptions, load: StepWorkload = workload): boolean => {
    const bytes = footprintBytes(model, changed, load);
    if (bytes === null || bytes > limit) return false;
    advice.push({ option, footprintBytes: bytes });
    return true;
  };
  tensorSizes
    .filter((tensor) => tensor > step.parallelism.tensor && hardware.link !== null)
    .some((tensor) =>
      attempt(`--tensor-parallel ${tensor}`, { ...step, parallelism: { ...step.parallelism, tensor } }),
    );
  weightFormats.some((id) => attempt(`--weights ${id}`, { ...step, weights: parseNumberFormat(id) }));
  attempt("--kv-cache fp8", { ...step, kvCache: parseNumberFormat("fp8") });
  const batch = largestBatch(planFootprint(planStep(model, step)), workload, limit);
  if (batch !== null && batch > 0) attempt(`--batch ${batch}`, step, { ...workload, batch });
  return advice;
}

function footprintBytes(model: Model, step: StepOptions, workload: StepWorkload): number | null {
  try {
    return footprintOf(planFootprint(planStep(model, step)), workload).bytes;
  } catch (error) {
    // A size that doesn't divide the model is no answer, and no mistake of the user's either.
    if (error instanceof InvalidInput) return null;
    throw error;
  }
}
