/**
 * T5, T5 v1.1, Flan-T5, UL2, mT5: encoder and decoder with RMS norms and no biases. A table of relative positions is kept in
 * the first layer of each stack; in UMT5 in every layer.
 */
import type { Layer } from "../../model.ts";
import { softmaxAttention } from "../../softmax-attention.ts";
import { stackOfLayers } from "../../stack-of-layers.ts";
import type { ConfigFields } from "../config-fields.ts";
import type { HuggingFaceFamily, ModelDimensions } from "../hugging-face-family.ts";
import { dense } from "../mixture-of-experts-fields.ts";

export const t5: HuggingFaceFamily = {
  architectures: [
    "T5ForConditionalGeneration",
    "T5WithLMHeadModel",
    "MT5ForConditionalGeneration",
    "UMT5ForConditionalGeneration",
  ],
  modelTypes: ["t5", "mt5", "umt5"],
  read: readT5,
};

function readT5(config: ConfigFields): ModelDimensions {
  const heads = config.count("num_heads");
  const layers = config.count("num_layers");
  const decoderLayers = config.countOr(layers, "num_decoder_layers");
  const modelType = config.text("model_type");
  const buckets = config.countOr(32, "relative_attention_num_buckets");
  const activation =
    config.text("feed_forward_proj") ?? (modelType === null || modelType === "t5" ? "relu" : "gated-gelu");
  const feedForward = dense(config.count("d_ff"), activation.startsWith("gated"));
  const attention = softmaxAttention({ heads, kvHeads: heads, headDim: config.countOr(64, "d_kv"), rotaryDim: 0 });
  const biased = { ...attention, relativeBuckets: buckets };
  const stack = (count: number, crossAttention: Layer["crossAttention"]) =>
    stackOfLayers(
      Array.from({ length: count }, (_, layer) => ({
        attention: layer === 0 || modelType === "umt5" ? biased : attention,
        crossAttention,
        feedForward,
        norms: crossAttention === null ? 2 : 3,
        parallel: false,
      })),
    );
  return {
    dModel: config.count("d_model"),
    vocab: config.count("vocab_size"),
    tiedEmbeddings: config.flag("tie_word_embeddings", modelType === null || modelType === "t5"),
    positions: 0,
    norm: "rms",
    normBias: false,
    outerNorms: 1,
    logitsBias: false,
    // Relative positions set no limit; n_positions is what it was trained on.
    maxContext: config.countOrNull("n_positions"),
    decoder: stack(decoderLayers, attention),
    encoder: stack(layers, null),
  };
}
