/** DBRX: 16 experts a layer, layer norm without bias; sizes in attn_config and ffn_config. */
import { softmaxAttention } from "../../softmax-attention.ts";
import { decoderOnly } from "../decoder-only.ts";
import type { HuggingFaceFamily } from "../hugging-face-family.ts";
import { mixture } from "../mixture-of-experts-fields.ts";
import { dividedHeadDim } from "../trunk.ts";

export const dbrx: HuggingFaceFamily = {
  architectures: ["DbrxForCausalLM"],
  modelTypes: ["dbrx"],
  read: (config) => {
    const dModel = config.count("d_model");
    const heads = config.count("n_heads");
    const ffn = config.section("ffn_config");
    if (ffn === null) throw config.fault("ffn_config", "", "wants an object");
    const kvHeads = config.section("attn_config")?.countOrNull("kv_n_heads") ?? 1;
    if (heads % kvHeads !== 0) throw config.fault("attn_config.kv_n_heads", kvHeads, `must divide n_heads ${heads}`);
    const attention = softmaxAttention({ heads, kvHeads, headDim: dividedHeadDim(config, dModel, heads) });
    const experts = mixture(config, {
      experts: ffn.countOr(4, "moe_num_experts"),
      expertsPerToken: ffn.countOr(1, "moe_top_k"),
      dFf: ffn.count("ffn_hidden_size"),
    });
    return decoderOnly({
      dModel,
      vocab: config.count("vocab_size"),
      fusedQkv: true,
      tied: config.flag("tie_word_embeddings", false),
      maxContext: config.countOrNull("max_seq_len"),
      norm: "layer",
      layers: config.count("n_layers"),
      layerAt: () => ({ attention, feedForward: experts }),
    });
  },
};
