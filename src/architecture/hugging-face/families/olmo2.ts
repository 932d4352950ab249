/** OLMo 2 and 3: norms after attention and feed-forward, one norm across all heads of Q and of K; a window in OLMo 3. */
import type { HuggingFaceFamily } from "../hugging-face-family.ts";
import { readLlamaLike } from "../llama-like.ts";
import { readLayerTypes, readTrunk, readWindow } from "../trunk.ts";

export const olmo2: HuggingFaceFamily = {
  architectures: ["Olmo2ForCausalLM", "Olmo3ForCausalLM"],
  modelTypes: ["olmo2", "olmo3"],
  read: (config) => {
    const trunk = readTrunk(config);
    const isThird = config.text("model_type") === "olmo3";
    const window = isThird ? readWindow(config, trunk.maxContext, 4096) : null;
    const types = readLayerTypes(config, trunk.layers, ["sliding_attention", "full_attention"], (layer) =>
      isThird && (layer + 1) % 4 !== 0 ? "sliding_attention" : "full_attention",
    );
    const bias = config.flag("attention_bias", false);
    return readLlamaLike(config, {
      trunk,
      qkvBias: bias,
      outputBias: bias,
      qkNorm: "full",
      attentionAt: (layer) => ({ window: types[layer] === "sliding_attention" ? window : null }),
    });
  },
};
