/** Why the webgpu backend cannot run a model's decode step, in one line; null where it can. */
import { weightFormats } from "../../step/step-options.ts";
import type { DecodeStepWork } from "../kernel.ts";
import { decoderRefusal } from "../reference/reference-decoder.ts";
import type { GpuFormat } from "./stored-quads.ts";

const formats: Readonly<Record<string, GpuFormat>> = { fp32: "f32", fp16: "f16", bf16: "bf16", int8: "int8" };

/** How the backend stores a number format, by its name; null where it does not. */
export function storedFormat(id: string): GpuFormat | null {
  return formats[id] ?? null;
}

export function decodeStepRefusal({ model, options, context }: DecodeStepWork): string | null {
  const reason = decoderRefusal(model) ?? unsupportedLayer(model) ?? unsupportedOption(options);
  if (reason !== null) return `the webgpu backend does not run ${reason}`;
  const { matrices, logits } = weightFormats(model, options.weights);
  for (const { id } of [matrices, logits, options.kvCache]) {
    if (storedFormat(id) === null) return `the webgpu backend stores fp32, fp16, bf16 and int8, not ${id}`;
  }
  if (model.positions > 0 && context > model.positions)
    return `the model has ${model.positions} learned positions, a context of ${context} wants more`;
  return null;
}

function unsupportedLayer(model: DecodeStepWork["model"]): string | null {
  for (const { attention, feedForward } of model.decoder.kinds) {
    if (attention.kind !== "softmax") return `${attention.kind} attention`;
    if (attention.headDim % 4 !== 0) return `heads of ${attention.headDim}, which are no multiple of 4`;
    if (feedForward.kind !== "dense") return "a mixture of experts";
  }
  return null;
}

/** Steps that move other bytes than this backend's would. */
function unsupportedOption(options: DecodeStepWork["options"]): string | null {
  if (options.attentionKernel !== "fused") return "materialized attention";
  return options.cacheUpdate === "in-place" ? null : "caches that grow by concatenation";
}
