/** The first DeepSeek-MoE and dots.llm1: softmax attention, dense first layers, shared experts. */
import type { HuggingFaceFamily } from "../hugging-face-family.ts";
import { readLlamaLike } from "../llama-like.ts";
import { dense, firstDenseRule, mixture } from "../mixture-of-experts-fields.ts";

export const deepseekMoe: HuggingFaceFamily = {
  architectures: ["DeepseekForCausalLM", "Dots1ForCausalLM"],
  modelTypes: ["deepseek", "dots1"],
  read: (config) => {
    const sparse = firstDenseRule(config, 0);
    const plain = dense(config.count("intermediate_size"));
    const width = config.count("moe_intermediate_size");
    const isDots = config.text("model_type") === "dots1";
    const experts = mixture(config, {
      experts: config.count("n_routed_experts"),
      expertsPerToken: config.count("num_experts_per_tok"),
      dFf: width,
      sharedDFf: config.whole("n_shared_experts") * width,
      routerBias: isDots,
    });
    const bias = config.flag("attention_bias", false);
    return readLlamaLike(config, {
      qkvBias: bias,
      outputBias: bias,
      qkNorm: isDots ? "head" : "none",
      feedForwardAt: (layer) => (sparse(layer) ? experts : plain),
    });
  },
};
