/** OLMoE: experts of intermediate_size in every layer, one norm across all heads of Q and of K. */
import type { HuggingFaceFamily } from "../hugging-face-family.ts";
import { readLlamaLike } from "../llama-like.ts";
import { mixture } from "../mixture-of-experts-fields.ts";

export const olmoe: HuggingFaceFamily = {
  architectures: ["OlmoeForCausalLM"],
  modelTypes: ["olmoe"],
  read: (config) => {
    const bias = config.flag("attention_bias", false);
    const experts = mixture(config, {
      experts: config.countOr(64, "num_experts"),
      expertsPerToken: config.countOr(8, "num_experts_per_tok"),
      dFf: config.count("intermediate_size"),
    });
    return readLlamaLike(config, { qkvBias: bias, outputBias: bias, qkNorm: "full", feedForwardAt: () => experts });
  },
};
