/** StarCoder2: layer norm, biases by use_bias, a feed-forward without gate, a window on every layer where it is given. */
import type { HuggingFaceFamily } from "../hugging-face-family.ts";
import { readLlamaLike } from "../llama-like.ts";
import { dense } from "../mixture-of-experts-fields.ts";
import { readTrunk, readWindow } from "../trunk.ts";

export const starcoder2: HuggingFaceFamily = {
  architectures: ["Starcoder2ForCausalLM"],
  modelTypes: ["starcoder2"],
  read: (config) => {
    const trunk = readTrunk(config, { kvHeads: 2 });
    const window = readWindow(config, trunk.maxContext, null);
    const bias = config.flag("use_bias", true);
    const feedForward = dense(config.count("intermediate_size"), false, bias);
    return readLlamaLike(config, {
      trunk,
      tied: true,
      norm: "layer",
      normBias: true,
      qkvBias: bias,
      outputBias: bias,
      attentionAt: () => ({ window }),
      feedForwardAt: () => feedForward,
    });
  },
};
