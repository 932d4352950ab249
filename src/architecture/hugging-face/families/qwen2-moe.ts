/** Qwen1.5-MoE and Qwen2-57B-A14B: small experts, one shared expert with a learned gate. */
import type { HuggingFaceFamily } from "../hugging-face-family.ts";
import { readLlamaLike } from "../llama-like.ts";
import { dense, mixture, sparseStepRule } from "../mixture-of-experts-fields.ts";
import { readQwenWindow } from "../qwen-window.ts";
import { readTrunk } from "../trunk.ts";

export const qwen2Moe: HuggingFaceFamily = {
  architectures: ["Qwen2MoeForCausalLM"],
  modelTypes: ["qwen2_moe"],
  read: (config) => {
    const trunk = readTrunk(config, { kvHeads: 16 });
    const windowAt = readQwenWindow(config, trunk);
    const sparse = sparseStepRule(config);
    const experts = mixture(config, {
      experts: config.countOr(60, "num_experts"),
      expertsPerToken: config.countOr(4, "num_experts_per_tok"),
      dFf: config.count("moe_intermediate_size"),
      sharedDFf: config.count("shared_expert_intermediate_size"),
      sharedGate: true,
    });
    const plain = dense(config.countOr(1, "intermediate_size"));
    return readLlamaLike(config, {
      trunk,
      qkvBias: config.flag("qkv_bias", true),
      attentionAt: (layer) => ({ window: windowAt(layer) }),
      feedForwardAt: (layer) => (sparse(layer) ? experts : plain),
    });
  },
};
