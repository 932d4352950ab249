/** What the planning of a layer needs to know: one device's model, formats and options, gathered once. */
import type { Model } from "../architecture/model.ts";
import { normWeights } from "../architecture/weights.ts";
import { type ComputeFormat, multiplyFormat } from "../quantity/number-format.ts";
import { type StepOptions, type WeightFormats, weightFormats } from "./step-options.ts";
import { bytesPerWeight } from "./weight-bytes.ts";

export interface StepContext {
  /** The model as one device holds it. */
  readonly model: Model;
  readonly options: StepOptions;
  readonly formats: WeightFormats;
  readonly activationBytes: number;
  readonly kvBytes: number;
  /** Bytes an element of norms and biases. */
  readonly normBytes: number;
  /** Format of products with weights, with experts, with the cache, and of elementwise work. */
  readonly matrixFormat: ComputeFormat;
  readonly expertFormat: ComputeFormat;
  readonly cacheFormat: ComputeFormat;
  readonly elementFormat: ComputeFormat;
  readonly latentAbsorbed: boolean;
}

export function stepContext(model: Model, options: StepOptions): StepContext {
  const formats = weightFormats(model, options.weights);
  const activations = options.activations;
  return {
    model,
    options,
    formats,
    activationBytes: activations.bits / 8,
    kvBytes: options.kvCache.bits / 8,
    normBytes: bytesPerWeight(formats.matrices, "norm", model.dModel),
    matrixFormat: multiplyFormat(formats.matrices, activations),
    expertFormat: multiplyFormat(formats.experts, activations),
    cacheFormat: multiplyFormat(options.kvCache, activations),
    elementFormat: multiplyFormat(activations, activations),
    latentAbsorbed:
      options.latentKernel === "absorbed" || (options.latentKernel === "auto" && options.phase === "decode"),
  };
}

/** Bytes of one norm over the residual stream. */
export function normBytesOf(context: StepContext): number {
  return normWeights(context.model, context.model.dModel) * context.normBytes;
}
