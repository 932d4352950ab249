/** GLM-4.5 and 4.6: dense first layers, then experts with shared ones; biases on Q, K and V; half of the head turned. */
import type { HuggingFaceFamily } from "../hugging-face-family.ts";
import { readLlamaLike } from "../llama-like.ts";
import { dense, firstDenseRule, mixture } from "../mixture-of-experts-fields.ts";

export const glm4Moe: HuggingFaceFamily = {
  architectures: ["Glm4MoeForCausalLM", "Glm4vMoeForConditionalGeneration"],
  modelTypes: ["glm4_moe", "glm4v_moe", "glm4v_moe_text"],
  read: (config) => {
    const sparse = firstDenseRule(config, 1);
    const plain = dense(config.count("intermediate_size"));
    const width = config.count("moe_intermediate_size");
    const experts = mixture(config, {
      experts: config.count("n_routed_experts", "num_experts"),
      expertsPerToken: config.count("num_experts_per_tok"),
      dFf: width,
      routerBias: true,
      sharedDFf: config.whole("n_shared_experts") * width,
    });
    return readLlamaLike(config, {
      kvHeads: 8,
      qkvBias: config.flag("attention_bias", false),
      qkNorm: config.flag("use_qk_norm", false) ? "head" : "none",
      rotaryShare: 0.5,
      feedForwardAt: (layer) => (sparse(layer) ? experts : plain),
    });
  },
};
