/** Phi-1, 1.5 and 2: attention and feed-forward side by side after one layer norm, biases everywhere, the logits' too. */
import type { HuggingFaceFamily } from "../hugging-face-family.ts";
import { readLlamaLike } from "../llama-like.ts";
import { dense } from "../mixture-of-experts-fields.ts";

export const phi: HuggingFaceFamily = {
  architectures: ["PhiForCausalLM"],
  modelTypes: ["phi"],
  read: (config) => {
    const feedForward = dense(config.countOr(4 * config.count("hidden_size"), "intermediate_size"), false, true);
    return readLlamaLike(config, {
      fusedQkv: true,
      norm: "layer",
      normBias: true,
      norms: 1,
      parallel: true,
      logitsBias: true,
      qkvBias: true,
      outputBias: true,
      qkNorm: config.flag("qk_layernorm", false) ? "head" : "none",
      rotaryShare: 0.5,
      feedForwardAt: () => feedForward,
    });
  },
};
