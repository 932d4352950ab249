/** OPT and Galactica: learned positions with two rows more than positions, biases unless enable_bias is false. */
import { softmaxAttention } from "../../softmax-attention.ts";
import { decoderOnly } from "../decoder-only.ts";
import type { HuggingFaceFamily } from "../hugging-face-family.ts";
import { dense } from "../mixture-of-experts-fields.ts";
import { dividedHeadDim } from "../trunk.ts";

/** OPT's table starts with two rows that no position uses. */
const unusedPositions = 2;

export const opt: HuggingFaceFamily = {
  architectures: ["OPTForCausalLM"],
  modelTypes: ["opt"],
  read: (config) => {
    const dModel = config.count("hidden_size");
    const heads = config.count("num_attention_heads");
    const vocab = config.count("vocab_size");
    const maxContext = config.countOr(2048, "max_position_embeddings");
    const bias = config.flag("enable_bias", true);
    const affine = config.flag("layer_norm_elementwise_affine", true);
    const isPreNorm = config.flag("do_layer_norm_before", true);
    // opt-350m alone: a table of 512 columns, a projection to 1024 and one back.
    const embeddingDim = config.countOr(dModel, "word_embed_proj_dim");
    const attention = softmaxAttention({
      heads,
      kvHeads: heads,
      headDim: dividedHeadDim(config, dModel, heads),
      rotaryDim: 0,
      qkvBias: bias,
      outputBias: bias,
    });
    const feedForward = dense(config.count("ffn_dim"), false, bias);
    return decoderOnly({
      dModel,
      vocab,
      ...(embeddingDim === dModel ? {} : { embeddingDim }),
      tied: config.flag("tie_word_embeddings", true),
      maxContext,
      positions: maxContext + unusedPositions,
      norm: affine ? "layer" : "plain",
      normBias: affine,
      outerNorms: isPreNorm && !config.flag("_remove_final_layer_norm", false) ? 1 : 0,
      layers: config.count("num_hidden_layers"),
      layerAt: () => ({ attention, feedForward }),
    });
  },
};
