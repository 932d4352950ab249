/** Gemma 2: the class alternates a window (first) with full attention, whether or not layer_types says so; four norms. */
import type { HuggingFaceFamily } from "../hugging-face-family.ts";
import { readLlamaLike } from "../llama-like.ts";
import { readLayerTypes, readTrunk, readWindow } from "../trunk.ts";

export const gemma2: HuggingFaceFamily = {
  architectures: ["Gemma2ForCausalLM"],
  modelTypes: ["gemma2"],
  read: (config) => {
    const trunk = readTrunk(config, { headDim: 256, kvHeads: 4 });
    const window = readWindow(config, trunk.maxContext, 4096);
    const types = readLayerTypes(config, trunk.layers, ["sliding_attention", "full_attention"], (layer) =>
      layer % 2 === 0 ? "sliding_attention" : "full_attention",
    );
    const bias = config.flag("attention_bias", false);
    return readLlamaLike(config, {
      trunk,
      tied: true,
      norms: 4,
      qkvBias: bias,
      outputBias: bias,
      attentionAt: (layer) => ({ window: types[layer] === "sliding_attention" ? window : null }),
    });
  },
};
