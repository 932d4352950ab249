/** EXAONE 3: Llama's layer under num_layers. */
import type { HuggingFaceFamily } from "../hugging-face-family.ts";
import { readLlamaLike } from "../llama-like.ts";
import { dividedHeadDim, readKvHeads } from "../trunk.ts";

export const exaone: HuggingFaceFamily = {
  architectures: ["ExaoneForCausalLM"],
  modelTypes: ["exaone"],
  read: (config) => {
    const dModel = config.count("hidden_size");
    const heads = config.count("num_attention_heads");
    return readLlamaLike(config, {
      trunk: {
        dModel,
        heads,
        layers: config.count("num_layers", "num_hidden_layers"),
        kvHeads: readKvHeads(config, heads, undefined),
        headDim: config.countOrNull("head_dim") ?? dividedHeadDim(config, dModel, heads),
        vocab: config.count("vocab_size"),
        maxContext: config.countOrNull("max_position_embeddings"),
      },
      tied: true,
    });
  },
};
