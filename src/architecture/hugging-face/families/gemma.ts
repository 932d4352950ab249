/** The first Gemma: heads of 256, embeddings tied by the class. */
import type { HuggingFaceFamily } from "../hugging-face-family.ts";
import { readLlamaLike } from "../llama-like.ts";

export const gemma: HuggingFaceFamily = {
  architectures: ["GemmaForCausalLM"],
  modelTypes: ["gemma"],
  read: (config) => {
    const bias = config.flag("attention_bias", false);
    return readLlamaLike(config, { headDim: 256, tied: true, qkvBias: bias, outputBias: bias });
  },
};
