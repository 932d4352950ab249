/**
 * DeepSeek-V2, V3, R1, V3.2, Kimi K2, GLM-5: latent attention. The cache holds kv_lora_rank + qk_rope_head_dim a token,
 * whatever num_key_value_heads says. The first layers are dense, the others mixtures with shared experts.
 */
import type { LatentAttention, MixtureOfExperts } from "../../model.ts";
import type { ConfigFields } from "../config-fields.ts";
import { decoderOnly } from "../decoder-only.ts";
import type { HuggingFaceFamily, ModelDimensions } from "../hugging-face-family.ts";
import { dense, firstDenseRule, mixture } from "../mixture-of-experts-fields.ts";

export const deepseek: HuggingFaceFamily = {
  architectures: [
    "DeepseekV2ForCausalLM",
    "DeepseekV3ForCausalLM",
    "DeepseekV32ForCausalLM",
    "GlmMoeDsaForCausalLM",
    "Glm4MoeLiteForCausalLM",
  ],
  modelTypes: ["deepseek_v2", "deepseek_v3", "deepseek_v32", "kimi_k2", "glm_moe_dsa", "glm4_moe_lite"],
  read: readDeepSeek,
};

function readDeepSeek(config: ConfigFields): ModelDimensions {
  const dModel = config.count("hidden_size");
  const attention = readLatentAttention(config);
  const plain = dense(config.countOr(1, "intermediate_size"));
  const modelType = config.text("model_type");
  const sparse = firstDenseRule(config, modelType === "deepseek_v2" ? 0 : modelType === "glm4_moe_lite" ? 1 : 3);
  const experts = readExperts(config, modelType === "deepseek_v2" ? "greedy" : "noaux_tc");
  if (config.flag("attention_bias", false)) {
    config.note("attention_bias: the biases of latent attention's down projections are not counted");
  }
  return decoderOnly({
    dModel,
    vocab: config.count("vocab_size"),
    tied: config.flag("tie_word_embeddings", false),
    maxContext: config.countOrNull("max_position_embeddings"),
    norm: "rms",
    layers: config.count("num_hidden_layers"),
    layerAt: (layer) => ({ attention, feedForward: experts !== null && sparse(layer) ? experts : plain }),
  });
}

/** Null where no layer is a mixture. */
function readExperts(config: ConfigFields, classMethod: string): MixtureOfExperts | null {
  const experts = config.countOrNull("n_routed_experts", "num_local_experts");
  if (experts === null) return null;
  const dFf = config.count("moe_intermediate_size");
  return mixture(config, {
    experts,
    expertsPerToken: config.count("num_experts_per_tok"),
    dFf,
    // V3's correction term of the router's choice; V2 has none.
    routerBias: (config.text("topk_method") ?? classMethod) === "noaux_tc",
    sharedDFf: config.whole("n_shared_experts") * dFf,
  });
}

function readLatentAttention(config: ConfigFields): LatentAttention {
  const topK = config.countOrNull("index_topk");
  if (!config.has("q_lora_rank")) config.note("q_lora_rank is absent: queries are projected directly");
  return {
    kind: "latent",
    heads: config.count("num_attention_heads"),
    queryRank: config.countOrNull("q_lora_rank"),
    kvRank: config.count("kv_lora_rank"),
    ropeDim: config.count("qk_rope_head_dim"),
    nopeDim: config.count("qk_nope_head_dim"),
    valueDim: config.count("v_head_dim"),
    indexer:
      topK === null ? null : { heads: config.count("index_n_heads"), headDim: config.count("index_head_dim"), topK },
  };
}
