/**
 * Gemma 3: five layers with a window to one without, four norms, a norm on each head of Q and K. The vision models' files
 * leave most text fields to the class: heads 8, K/V heads 4, head_dim 256, 262,208 rows.
 */
import type { HuggingFaceFamily } from "../hugging-face-family.ts";
import { readLlamaLike } from "../llama-like.ts";
import { readKvHeads, readLayerTypes, readWindow } from "../trunk.ts";

export const gemma3: HuggingFaceFamily = {
  architectures: ["Gemma3ForCausalLM", "Gemma3ForConditionalGeneration"],
  modelTypes: ["gemma3", "gemma3_text"],
  read: (config) => {
    for (const key of ["num_attention_heads", "head_dim", "vocab_size"]) {
      if (!config.has(key)) config.note(`${key} is absent: the configuration class's value is used`);
    }
    const heads = config.countOr(8, "num_attention_heads");
    const layers = config.count("num_hidden_layers");
    const maxContext = config.countOr(131072, "max_position_embeddings");
    const trunk = {
      dModel: config.count("hidden_size"),
      layers,
      heads,
      kvHeads: readKvHeads(config, heads, 4),
      headDim: config.countOr(256, "head_dim"),
      vocab: config.countOr(262208, "vocab_size"),
      maxContext,
    };
    const window = readWindow(config, maxContext, 4096);
    const pattern = config.countOr(6, "sliding_window_pattern", "_sliding_window_pattern");
    const types = readLayerTypes(config, layers, ["sliding_attention", "full_attention"], (layer) =>
      (layer + 1) % pattern === 0 ? "full_attention" : "sliding_attention",
    );
    const bias = config.flag("attention_bias", false);
    return readLlamaLike(config, {
      trunk,
      tied: true,
      norms: 4,
      qkNorm: "head",
      qkvBias: bias,
      outputBias: bias,
      attentionAt: (layer) => ({ window: types[layer] === "sliding_attention" ? window : null }),
    });
  },
};
