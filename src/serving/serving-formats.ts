/** The formats that an engine serves a model in where nobody asks for others. */
import type { Model } from "../architecture/model.ts";
import type { Hardware } from "../hardware/hardware.ts";
import { type NumberFormat, parseNumberFormat } from "../quantity/number-format.ts";
import { type StepOptions, weightFormats } from "../step/step-options.ts";

export interface AskedFormats {
  /** Null: the one that the model is published in. */
  readonly weights: NumberFormat | null;
  /** Null: the engine's own choice. */
  readonly kvCache: NumberFormat | null;
}

/**
 * Eight-bit weights multiply in their format (W8A8) wherever the machine can; the cache has 16 bits, or those of eight-bit weights
 * where the engine keeps it so.
 */
export function servingFormats(
  model: Model,
  asked: AskedFormats,
  cacheFormat: "16 bits" | "weights",
  hardware: Hardware,
): Pick<StepOptions, "weights" | "kvCache" | "activations"> {
  const half = parseNumberFormat("bf16");
  const { matrices } = weightFormats(model, asked.weights);
  const isEightBits = matrices.id === "fp8" || matrices.id === "int8";
  const multiplies = isEightBits && hardware.peakFlopsPerSecond[matrices.id as "fp8" | "int8"] !== undefined;
  return {
    weights: asked.weights,
    activations: multiplies ? matrices : half,
    kvCache: asked.kvCache ?? (cacheFormat === "weights" && isEightBits ? matrices : half),
  };
}
