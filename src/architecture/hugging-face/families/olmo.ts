/** The first OLMo: layer norm without learned weights. */
import type { HuggingFaceFamily } from "../hugging-face-family.ts";
import { readLlamaLike } from "../llama-like.ts";

export const olmo: HuggingFaceFamily = {
  architectures: ["OlmoForCausalLM"],
  modelTypes: ["olmo"],
  read: (config) => {
    const bias = config.flag("attention_bias", false);
    return readLlamaLike(config, { norm: "plain", qkvBias: bias, outputBias: bias });
  },
};
