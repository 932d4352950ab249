/** SmolLM3: Llama's layer, every fourth without rotary embedding. */
import type { HuggingFaceFamily } from "../hugging-face-family.ts";
import { readLlamaLike } from "../llama-like.ts";

export const smollm3: HuggingFaceFamily = {
  architectures: ["SmolLM3ForCausalLM"],
  modelTypes: ["smollm3"],
  read: (config) => {
    const list = config.list("no_rope_layers");
    const interval = config.countOr(4, "no_rope_layer_interval");
    const turns = (layer: number) => (list === null ? (layer + 1) % interval !== 0 : list[layer] !== 0);
    const bias = config.flag("attention_bias", false);
    return readLlamaLike(config, {
      kvHeads: 4,
      tied: true,
      qkvBias: bias,
      outputBias: bias,
      attentionAt: (layer) => (turns(layer) ? {} : { rotaryDim: 0 }),
    });
  },
};
