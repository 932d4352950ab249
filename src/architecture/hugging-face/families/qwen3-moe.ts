/** Qwen3's mixtures: intermediate_size is used by the layers of mlp_only_layers alone. */
import type { HuggingFaceFamily } from "../hugging-face-family.ts";
import { readLlamaLike } from "../llama-like.ts";
import { dense, mixture, sparseStepRule } from "../mixture-of-experts-fields.ts";
import { readQwenWindow } from "../qwen-window.ts";
import { readTrunk } from "../trunk.ts";

export const qwen3Moe: HuggingFaceFamily = {
  architectures: ["Qwen3MoeForCausalLM", "Qwen3VLMoeForConditionalGeneration"],
  modelTypes: ["qwen3_moe", "qwen3_vl_moe", "qwen3_vl_moe_text"],
  read: (config) => {
    const trunk = readTrunk(config, { kvHeads: 4 });
    const windowAt = readQwenWindow(config, trunk);
    const sparse = sparseStepRule(config);
    const bias = config.flag("attention_bias", false);
    const experts = mixture(config, {
      experts: config.countOr(128, "num_experts", "num_local_experts"),
      expertsPerToken: config.countOr(8, "num_experts_per_tok"),
      dFf: config.count("moe_intermediate_size"),
    });
    const plain = dense(config.countOr(1, "intermediate_size"));
    return readLlamaLike(config, {
      trunk,
      qkvBias: bias,
      outputBias: bias,
      qkNorm: "head",
      attentionAt: (layer) => ({ window: windowAt(layer) }),
      feedForwardAt: (layer) => (sparse(layer) ? experts : plain),
    });
  },
};
