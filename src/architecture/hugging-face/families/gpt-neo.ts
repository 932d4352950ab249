/** GPT-Neo: learned positions, full attention and a window by turns; biases on the output and the feed-forward. */
import { softmaxAttention } from "../../softmax-attention.ts";
import { decoderOnly } from "../decoder-only.ts";
import type { HuggingFaceFamily } from "../hugging-face-family.ts";
import { dense } from "../mixture-of-experts-fields.ts";
import { dividedHeadDim } from "../trunk.ts";

export const gptNeo: HuggingFaceFamily = {
  architectures: ["GPTNeoForCausalLM"],
  modelTypes: ["gpt_neo"],
  read: (config) => {
    const dModel = config.count("hidden_size");
    const heads = config.count("num_heads", "num_attention_heads");
    const kinds = config.list("attention_layers");
    const positions = config.countOr(2048, "max_position_embeddings");
    const window = config.countOr(256, "window_size");
    const attention = softmaxAttention({
      heads,
      kvHeads: heads,
      headDim: dividedHeadDim(config, dModel, heads),
      rotaryDim: 0,
      outputBias: true,
    });
    const feedForward = dense(config.countOr(4 * dModel, "intermediate_size"), false, true);
    const isLocal = (layer: number) => (kinds === null ? layer % 2 === 1 : kinds[layer] === "local");
    return decoderOnly({
      dModel,
      vocab: config.count("vocab_size"),
      tied: config.flag("tie_word_embeddings", true),
      maxContext: positions,
      positions,
      norm: "layer",
      normBias: true,
      layers: config.count("num_layers", "num_hidden_layers"),
      layerAt: (layer) => ({ attention: isLocal(layer) ? { ...attention, window } : attention, feedForward }),
    });
  },
};
