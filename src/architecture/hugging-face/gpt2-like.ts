/** GPT-2's layer, with all heads' keys and values or one head's (GPT-BigCode). */
import { softmaxAttention } from "../softmax-attention.ts";
import type { ConfigFields } from "./config-fields.ts";
import { decoderOnly } from "./decoder-only.ts";
import type { ModelDimensions } from "./hugging-face-family.ts";
import { dense } from "./mixture-of-experts-fields.ts";
import { dividedHeadDim } from "./trunk.ts";

/** @param kvHeads null for as many as heads */
export function readGpt2Like(config: ConfigFields, kvHeads: number | null): ModelDimensions {
  const dModel = config.count("n_embd", "hidden_size");
  const heads = config.count("n_head", "num_attention_heads");
  const positions = config.countOr(1024, "n_positions", "n_ctx", "max_position_embeddings");
  const attention = softmaxAttention({
    heads,
    kvHeads: kvHeads ?? heads,
    headDim: dividedHeadDim(config, dModel, heads),
    rotaryDim: 0,
    qkvBias: true,
    outputBias: true,
  });
  const feedForward = dense(config.countOr(4 * dModel, "n_inner", "intermediate_size"), false, true);
  return decoderOnly({
    dModel,
    vocab: config.count("vocab_size"),
    fusedQkv: true,
    tied: config.flag("tie_word_embeddings", true),
    maxContext: positions,
    positions,
    norm: "layer",
    normBias: true,
    layers: config.count("n_layer", "num_hidden_layers"),
    layerAt: () => ({ attention, feedForward }),
  });
}
