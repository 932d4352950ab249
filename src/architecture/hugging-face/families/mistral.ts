/** Mistral 7B, Nemo, Large, Small: Llama's layer with 8 K/V heads by default and, in v0.1, a window on every layer. */
import type { HuggingFaceFamily } from "../hugging-face-family.ts";
import { readLlamaLike } from "../llama-like.ts";
import { readLayerTypes, readTrunk, readWindow } from "../trunk.ts";

export const mistral: HuggingFaceFamily = {
  architectures: [
    "MistralForCausalLM",
    "MinistralForCausalLM",
    "Ministral3ForCausalLM",
    "Mistral3ForConditionalGeneration",
  ],
  modelTypes: ["mistral", "ministral", "ministral3"],
  nestedDefaults: {
    hidden_size: 4096,
    intermediate_size: 14336,
    num_hidden_layers: 32,
    num_attention_heads: 32,
    vocab_size: 32000,
  },
  read: (config) => {
    const trunk = readTrunk(config, { kvHeads: 8 });
    // MistralConfig assumes 4096; the later classes assume no window.
    const assumed = config.text("model_type") === "mistral" || config.text("model_type") === null ? 4096 : null;
    const window = readWindow(config, trunk.maxContext, assumed);
    const everywhere = () => (window === null ? "full_attention" : "sliding_attention");
    const types = readLayerTypes(config, trunk.layers, ["full_attention", "sliding_attention"], everywhere);
    return readLlamaLike(config, {
      trunk,
      attentionAt: (layer) => ({ window: types[layer] === "sliding_attention" ? window : null }),
    });
  },
};
