/**
 * Command R (Cohere) and Command R7B, Command A (Cohere 2): side by side after one layer norm without bias; in Cohere 2
 * three layers with a window and rotary embedding to one with neither.
 */
import type { HuggingFaceFamily } from "../hugging-face-family.ts";
import { readLlamaLike } from "../llama-like.ts";
import { readLayerTypes, readTrunk, readWindow } from "../trunk.ts";

export const cohere: HuggingFaceFamily = {
  architectures: ["CohereForCausalLM", "Cohere2ForCausalLM"],
  modelTypes: ["cohere", "cohere2"],
  read: (config) => {
    const trunk = readTrunk(config);
    const isSecond = config.text("model_type") === "cohere2";
    const pattern = config.countOr(4, "sliding_window_pattern", "_sliding_window_pattern");
    const window = isSecond ? readWindow(config, trunk.maxContext, 4096) : null;
    const types = readLayerTypes(config, trunk.layers, ["sliding_attention", "full_attention"], (layer) =>
      isSecond && (layer + 1) % pattern !== 0 ? "sliding_attention" : "full_attention",
    );
    const bias = config.flag("attention_bias", false);
    return readLlamaLike(config, {
      trunk,
      tied: true,
      norm: "layer",
      norms: 1,
      parallel: true,
      qkvBias: bias,
      outputBias: bias,
      qkNorm: config.flag("use_qk_norm", false) ? "full" : "none",
      attentionAt: (layer) => {
        if (types[layer] === "sliding_attention") return { window };
        return isSecond ? { rotaryDim: 0 } : {};
      },
    });
  },
};
