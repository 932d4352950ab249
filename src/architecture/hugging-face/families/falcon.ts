/**
 * Falcon: one K/V head where multi_query is true and the new decoder architecture is off, whatever num_kv_heads says
 * (falcon-7b prints 71); num_kv_heads in the new architecture (falcon-40b: 8). Attention and feed-forward run side by side.
 */
import { softmaxAttention } from "../../softmax-attention.ts";
import type { ConfigFields } from "../config-fields.ts";
import { decoderOnly } from "../decoder-only.ts";
import type { HuggingFaceFamily, ModelDimensions } from "../hugging-face-family.ts";
import { dense } from "../mixture-of-experts-fields.ts";
import { dividedHeadDim } from "../trunk.ts";

export const falcon: HuggingFaceFamily = {
  architectures: ["FalconForCausalLM", "RWForCausalLM"],
  modelTypes: ["falcon", "RefinedWeb", "RefinedWebModel"],
  read: readFalcon,
};

function readFalcon(config: ConfigFields): ModelDimensions {
  const dModel = config.count("hidden_size");
  const heads = config.count("num_attention_heads", "n_head");
  const headDim = dividedHeadDim(config, dModel, heads);
  const isNew = config.flag("new_decoder_architecture", config.text("model_type") === "RefinedWeb");
  const isMultiQuery = config.flag("multi_query", true);
  const parallel = isNew || config.flag("parallel_attn", true);
  const bias = config.flag("bias", false);
  const attention = softmaxAttention({
    heads,
    kvHeads: readFalconKvHeads(config, heads, isNew, isMultiQuery),
    headDim,
    rotaryDim: config.flag("alibi", false) ? 0 : headDim,
    qkvBias: bias,
    outputBias: bias,
  });
  const feedForward = dense(config.countOr(4 * dModel, "ffn_hidden_size"), false, bias);
  const parallelNorms = isNew ? config.countOr(2, "num_ln_in_parallel_attn") : 1;
  return decoderOnly({
    dModel,
    vocab: config.count("vocab_size"),
    fusedQkv: true,
    tied: config.flag("tie_word_embeddings", true),
    maxContext: config.countOr(2048, "max_position_embeddings"),
    norm: "layer",
    normBias: true,
    layers: config.count("num_hidden_layers", "n_layer"),
    layerAt: () => ({ attention, feedForward, norms: parallel ? parallelNorms : 2, parallel }),
  });
}

function readFalconKvHeads(config: ConfigFields, heads: number, isNew: boolean, isMultiQuery: boolean): number {
  const printed = config.countOrNull("num_kv_heads", "n_head_kv");
  if (isNew) {
    const kvHeads = printed ?? heads;
    if (heads % kvHeads !== 0) throw config.fault("num_kv_heads", kvHeads, `must divide num_attention_heads ${heads}`);
    return kvHeads;
  }
  if (!isMultiQuery) return heads;
  if (printed !== null && printed !== 1)
    config.note(`num_kv_heads ${printed} is not used: multi_query means one K/V head`);
  return 1;
}
