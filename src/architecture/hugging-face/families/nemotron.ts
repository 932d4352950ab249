/** Nemotron 3 and 4, Minitron: layer norm with bias, squared ReLU without gate, half of the head turned. */
import type { HuggingFaceFamily } from "../hugging-face-family.ts";
import { readLlamaLike } from "../llama-like.ts";
import { dense } from "../mixture-of-experts-fields.ts";

export const nemotron: HuggingFaceFamily = {
  architectures: ["NemotronForCausalLM"],
  modelTypes: ["nemotron"],
  read: (config) => {
    const bias = config.flag("attention_bias", false);
    const feedForward = dense(config.count("intermediate_size"), false, config.flag("mlp_bias", false));
    return readLlamaLike(config, {
      norm: "layer",
      normBias: true,
      qkvBias: bias,
      outputBias: bias,
      rotaryShare: 0.5,
      feedForwardAt: () => feedForward,
    });
  },
};
