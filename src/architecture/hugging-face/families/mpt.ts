/** MPT: d_model, n_heads, n_layers, expansion_ratio; ALiBi instead of learned positions; no biases by default. */
import { softmaxAttention } from "../../softmax-attention.ts";
import { ConfigFields } from "../config-fields.ts";
import { decoderOnly } from "../decoder-only.ts";
import type { HuggingFaceFamily } from "../hugging-face-family.ts";
import { dense } from "../mixture-of-experts-fields.ts";
import { dividedHeadDim } from "../trunk.ts";

export const mpt: HuggingFaceFamily = {
  architectures: ["MptForCausalLM", "MPTForCausalLM"],
  modelTypes: ["mpt"],
  read: (config) => {
    const dModel = config.count("d_model", "hidden_size");
    const heads = config.count("n_heads", "num_attention_heads");
    const maxContext = config.countOr(2048, "max_seq_len");
    const bias = !config.flag("no_bias", true);
    const attn =
      config.section("attn_config") ?? new ConfigFields({}, `${config.what} attn_config`, config.notes, true);
    const isAlibi = attn.flag("alibi", true);
    const isRotary = attn.flag("rope", false);
    const headDim = dividedHeadDim(config, dModel, heads);
    const isMultiQuery = attn.text("attn_type") === "multiquery_attention";
    const kvHeads = isMultiQuery ? 1 : (attn.countOrNull("kv_n_heads") ?? heads);
    if (heads % kvHeads !== 0) throw config.fault("attn_config.kv_n_heads", kvHeads, `must divide n_heads ${heads}`);
    const attention = softmaxAttention({
      heads,
      kvHeads,
      headDim,
      rotaryDim: isRotary ? headDim : 0,
      qkvBias: bias,
      outputBias: bias,
      qkNorm: attn.flag("qk_ln", false) ? "full" : "none",
    });
    const dFf = Math.trunc(dModel * config.ratioOr(4, "expansion_ratio"));
    const isLearned = config.flag("learned_pos_emb", true) && !isAlibi && !isRotary;
    return decoderOnly({
      dModel,
      vocab: config.count("vocab_size"),
      fusedQkv: true,
      tied: config.flag("tie_word_embeddings", true),
      maxContext,
      positions: isLearned ? maxContext : 0,
      norm: "layer",
      normBias: bias,
      layers: config.count("n_layers", "num_hidden_layers"),
      layerAt: () => ({ attention, feedForward: dense(dFf, false, bias) }),
    });
  },
};
