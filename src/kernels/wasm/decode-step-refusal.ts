/** Why the wasm backend cannot run a model's decode step, in one line; null where it can. */
import type { NumberFormat } from "../../quantity/number-format.ts";
import { weightFormats } from "../../step/step-options.ts";
import type { DecodeStepWork } from "../kernel.ts";
import { decoderRefusal } from "../reference/reference-decoder.ts";
import type { WasmFormat } from "./stored-rows.ts";

const formats: Readonly<Record<string, WasmFormat>> = { fp32: "f32", bf16: "bf16", int8: "int8" };

/** How the backend stores a number format; null where it does not. */
export function storedFormat(format: NumberFormat): WasmFormat | null {
  return formats[format.id] ?? null;
}

export function decodeStepRefusal({ model, options, context }: DecodeStepWork): string | null {
  const reason = unsupported(model) ?? unsupportedOptions(options);
  if (reason !== null) return `the wasm backend does not run ${reason}`;
  const { matrices, experts, logits } = weightFormats(model, options.weights);
  for (const format of [matrices, experts, logits, options.kvCache]) {
    if (storedFormat(format) === null) return `the wasm backend stores fp32, bf16 and int8, not ${format.id}`;
  }
  if (model.positions > 0 && context > model.positions)
    return `the model has ${model.positions} learned positions, a context of ${context} wants more`;
  return null;
}

function unsupported(model: DecodeStepWork["model"]): string | null {
  const reference = decoderRefusal(model);
  if (reference !== null) return reference;
  for (const { attention, feedForward } of model.decoder.kinds) {
    if (attention.kind !== "softmax") return `${attention.kind} attention`;
    if (feedForward.kind === "mixture" && (feedForward.routerWidth ?? feedForward.experts) !== feedForward.experts)
      return "a part of a mixture's experts";
  }
  return null;
}

/** Steps that move other bytes than this backend's would. */
function unsupportedOptions(options: DecodeStepWork["options"]): string | null {
  if (options.attentionKernel !== "fused") return "materialized attention";
  if (options.cacheUpdate !== "in-place") return "caches that grow by concatenation";
  return null;
}
