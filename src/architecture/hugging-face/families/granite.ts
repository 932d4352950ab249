/** Granite 3's dense models: Llama's layer with scaled embeddings, residuals and logits, which add no weights. */
import type { HuggingFaceFamily } from "../hugging-face-family.ts";
import { readLlamaLike } from "../llama-like.ts";
import { dense } from "../mixture-of-experts-fields.ts";

export const granite: HuggingFaceFamily = {
  architectures: ["GraniteForCausalLM"],
  modelTypes: ["granite"],
  read: (config) => {
    const bias = config.flag("attention_bias", false);
    const feedForward = dense(config.count("intermediate_size"), true, config.flag("mlp_bias", false));
    return readLlamaLike(config, { qkvBias: bias, outputBias: bias, feedForwardAt: () => feedForward });
  },
};
