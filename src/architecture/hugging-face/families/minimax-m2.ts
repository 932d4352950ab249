/** MiniMax-M2 and M2.5: experts of intermediate_size in every layer, a router with a correction term, one norm across all heads. */
import type { HuggingFaceFamily } from "../hugging-face-family.ts";
import { readLlamaLike } from "../llama-like.ts";
import { mixture } from "../mixture-of-experts-fields.ts";
import { readTrunk } from "../trunk.ts";

export const minimaxM2: HuggingFaceFamily = {
  architectures: ["MiniMaxM2ForCausalLM"],
  modelTypes: ["minimax_m2", "minimax"],
  read: (config) => {
    const kinds = config.list("attn_type_list") ?? [];
    if (kinds.some((kind) => kind !== 1)) {
      throw config.fault("attn_type_list", kinds, "wants 1 in every layer: lightning attention is not modelled");
    }
    const trunk = readTrunk(config, { kvHeads: 8, headDim: 128 });
    const experts = mixture(config, {
      experts: config.countOr(256, "num_local_experts"),
      expertsPerToken: config.countOr(8, "num_experts_per_tok"),
      dFf: config.count("intermediate_size"),
      routerBias: config.flag("use_routing_bias", true),
      sharedDFf: config.whole("shared_intermediate_size"),
    });
    const rotaryDim = config.countOr(trunk.headDim, "rotary_dim");
    return readLlamaLike(config, {
      trunk,
      qkNorm: config.flag("use_qk_norm", true) ? "full" : "none",
      attentionAt: () => ({ rotaryDim: Math.min(rotaryDim, trunk.headDim) }),
      feedForwardAt: () => experts,
    });
  },
};
