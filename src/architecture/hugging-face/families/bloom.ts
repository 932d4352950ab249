/** BLOOM: ALiBi, biases everywhere, a norm after the embedding; n_embed in old files, hidden_size in new ones. */
import { softmaxAttention } from "../../softmax-attention.ts";
import { decoderOnly } from "../decoder-only.ts";
import type { HuggingFaceFamily } from "../hugging-face-family.ts";
import { dense } from "../mixture-of-experts-fields.ts";
import { dividedHeadDim } from "../trunk.ts";

export const bloom: HuggingFaceFamily = {
  architectures: ["BloomForCausalLM", "BloomModel"],
  modelTypes: ["bloom"],
  read: (config) => {
    const dModel = config.count("hidden_size", "n_embed", "n_embd");
    const heads = config.count("n_head", "num_attention_heads");
    const attention = softmaxAttention({
      heads,
      kvHeads: heads,
      headDim: dividedHeadDim(config, dModel, heads),
      rotaryDim: 0,
      qkvBias: true,
      outputBias: true,
    });
    const feedForward = dense(config.countOr(4 * dModel, "n_inner"), false, true);
    return decoderOnly({
      dModel,
      vocab: config.count("vocab_size"),
      fusedQkv: true,
      tied: config.flag("tie_word_embeddings", true),
      // ALiBi sets no limit; seq_length is what it was trained on.
      maxContext: config.countOr(2048, "seq_length"),
      norm: "layer",
      normBias: true,
      outerNorms: 2,
      layers: config.count("n_layer", "num_hidden_layers"),
      layerAt: () => ({ attention, feedForward }),
    });
  },
};
