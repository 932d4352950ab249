/** Mixtral: Mistral's attention and num_local_experts experts of intermediate_size in every layer. */
import type { HuggingFaceFamily } from "../hugging-face-family.ts";
import { readLlamaLike } from "../llama-like.ts";
import { mixture } from "../mixture-of-experts-fields.ts";
import { readTrunk, readWindow } from "../trunk.ts";

export const mixtral: HuggingFaceFamily = {
  architectures: ["MixtralForCausalLM"],
  modelTypes: ["mixtral"],
  read: (config) => {
    const trunk = readTrunk(config, { kvHeads: 8 });
    const window = readWindow(config, trunk.maxContext, null);
    const experts = mixture(config, {
      experts: config.countOr(8, "num_local_experts"),
      expertsPerToken: config.countOr(2, "num_experts_per_tok"),
      dFf: config.count("intermediate_size"),
    });
    return readLlamaLike(config, { trunk, attentionAt: () => ({ window }), feedForwardAt: () => experts });
  },
};
