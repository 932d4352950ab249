/** ChatGLM2, ChatGLM3 and the first files of GLM-4 9B: num_layers, padded_vocab_size, ffn_hidden_size. */
import { softmaxAttention } from "../../softmax-attention.ts";
import { decoderOnly } from "../decoder-only.ts";
import type { HuggingFaceFamily } from "../hugging-face-family.ts";
import { dense } from "../mixture-of-experts-fields.ts";
import { dividedHeadDim } from "../trunk.ts";

export const chatglm: HuggingFaceFamily = {
  architectures: ["ChatGLMModel", "ChatGLMForConditionalGeneration", "ChatGLMForCausalLM"],
  modelTypes: ["chatglm"],
  read: (config) => {
    const dModel = config.count("hidden_size");
    const heads = config.count("num_attention_heads");
    const kvHeads = config.flag("multi_query_attention", false) ? config.count("multi_query_group_num") : heads;
    if (heads % kvHeads !== 0) {
      throw config.fault("multi_query_group_num", kvHeads, `must divide num_attention_heads ${heads}`);
    }
    const headDim = config.countOrNull("kv_channels") ?? dividedHeadDim(config, dModel, heads);
    const bias = config.flag("add_bias_linear", false);
    const isRms = config.flag("rmsnorm", true);
    const attention = softmaxAttention({
      heads,
      kvHeads,
      headDim,
      rotaryDim: 2 * Math.floor(headDim / 4),
      qkvBias: bias || config.flag("add_qkv_bias", false),
      outputBias: bias,
    });
    const feedForward = dense(config.count("ffn_hidden_size"), true, bias);
    return decoderOnly({
      dModel,
      vocab: config.count("padded_vocab_size", "vocab_size"),
      fusedQkv: true,
      tied: config.flag("tie_word_embeddings", false),
      maxContext: config.countOrNull("seq_length", "max_position_embeddings"),
      norm: isRms ? "rms" : "layer",
      normBias: !isRms,
      outerNorms: config.flag("post_layer_norm", true) ? 1 : 0,
      layers: config.count("num_layers", "num_hidden_layers"),
      layerAt: () => ({ attention, feedForward }),
    });
  },
};
