/** Phi-3.5-MoE: layer norm, biases on the attention and on the logits, num_local_experts experts. */
import type { HuggingFaceFamily } from "../hugging-face-family.ts";
import { readLlamaLike } from "../llama-like.ts";
import { mixture } from "../mixture-of-experts-fields.ts";
import { readTrunk, readWindow } from "../trunk.ts";

export const phimoe: HuggingFaceFamily = {
  architectures: ["PhiMoEForCausalLM", "PhimoeForCausalLM"],
  modelTypes: ["phimoe"],
  read: (config) => {
    const trunk = readTrunk(config, { kvHeads: 8 });
    const window = readWindow(config, trunk.maxContext, null);
    const bias = config.flag("attention_bias", false);
    const experts = mixture(config, {
      experts: config.countOr(16, "num_local_experts"),
      expertsPerToken: config.countOr(2, "num_experts_per_tok"),
      dFf: config.count("intermediate_size"),
    });
    return readLlamaLike(config, {
      trunk,
      norm: "layer",
      normBias: true,
      qkvBias: bias,
      outputBias: bias,
      logitsBias: config.flag("lm_head_bias", false),
      attentionAt: () => ({ window }),
      feedForwardAt: () => experts,
    });
  },
};
