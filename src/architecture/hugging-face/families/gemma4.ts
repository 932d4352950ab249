/**
 * Gemma 4: layers with a window use head_dim and num_key_value_heads; global layers global_head_dim and
 * num_global_key_value_heads, and one projection for keys and values (attention_k_eq_v). In the mixtures a dense network
 * of intermediate_size runs beside the experts: it is counted as the shared one.
 *
 * Norms of width dModel a layer: 4, and in a mixture 3 more and the router's scale.
 * Source: transformers, models/gemma4/modular_gemma4.py.
 */
import { softmaxAttention } from "../../softmax-attention.ts";
import type { ConfigFields } from "../config-fields.ts";
import { decoderOnly } from "../decoder-only.ts";
import type { HuggingFaceFamily, ModelDimensions } from "../hugging-face-family.ts";
import { dense, mixture } from "../mixture-of-experts-fields.ts";
import { readKvHeads, readLayerTypes, readWindow } from "../trunk.ts";

export const gemma4: HuggingFaceFamily = {
  architectures: ["Gemma4ForCausalLM", "Gemma4ForConditionalGeneration"],
  modelTypes: ["gemma4", "gemma4_text"],
  read: readGemma4,
};

function readGemma4(config: ConfigFields): ModelDimensions {
  for (const key of ["hidden_size_per_layer_input", "num_kv_shared_layers"]) {
    const value = config.whole(key);
    if (value > 0) throw config.fault(key, value, "wants 0: such layers are not modelled");
  }
  const layers = config.count("num_hidden_layers");
  const maxContext = config.countOrNull("max_position_embeddings");
  const window = readWindow(config, maxContext, 512);
  const types = readLayerTypes(config, layers, ["sliding_attention", "full_attention"], (layer) =>
    (layer + 1) % 6 === 0 ? "full_attention" : "sliding_attention",
  );
  const heads = config.count("num_attention_heads");
  const kvHeads = readKvHeads(config, heads, undefined);
  const globalKvHeads = config.countOr(kvHeads, "num_global_key_value_heads");
  if (heads % globalKvHeads !== 0) {
    throw config.fault("num_global_key_value_heads", globalKvHeads, `must divide num_attention_heads ${heads}`);
  }
  const headDim = config.countOr(256, "head_dim");
  const globalHeadDim = config.countOr(512, "global_head_dim");
  const bias = config.flag("attention_bias", false);
  const shared = { heads, qkNorm: "head", qkvBias: bias, outputBias: bias } as const;
  const local = softmaxAttention({ ...shared, kvHeads, headDim, window });
  const global = softmaxAttention({
    ...shared,
    kvHeads: globalKvHeads,
    headDim: globalHeadDim,
    rotaryDim: 2 * Math.floor(globalHeadDim * 0.5 * globalRotaryShare(config)),
    sharedKeyValue: config.flag("attention_k_eq_v", false),
  });
  const isMixture = config.flag("enable_moe_block", false);
  const width = config.count("intermediate_size");
  const feedForward = isMixture
    ? mixture(config, {
        experts: config.count("num_experts"),
        expertsPerToken: config.count("top_k_experts", "num_experts_per_tok"),
        dFf: config.count("moe_intermediate_size", "expert_intermediate_size"),
        routerBias: true,
        sharedDFf: width,
      })
    : dense(width);
  return decoderOnly({
    dModel: config.count("hidden_size"),
    vocab: config.count("vocab_size"),
    tied: config.flag("tie_word_embeddings", true),
    maxContext,
    norm: "rms",
    layers,
    layerAt: (layer) => ({
      attention: types[layer] === "full_attention" ? global : local,
      feedForward,
      norms: isMixture ? 8 : 4,
    }),
  });
}

function globalRotaryShare(config: ConfigFields): number {
  const section = config.section("rope_parameters")?.section("full_attention");
  return Math.min(1, section?.ratioOr(0.25, "partial_rotary_factor") ?? 0.25);
}
