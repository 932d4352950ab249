/**
 * Llama 4: chunked attention with rotary embedding on three of four layers, full attention without it on the fourth;
 * dense layers of intermediate_size_mlp, mixtures of experts of intermediate_size with one shared expert of that width.
 */

import type { ConfigFields } from "../config-fields.ts";
import type { HuggingFaceFamily } from "../hugging-face-family.ts";
import { readLlamaLike } from "../llama-like.ts";
import { dense, mixture } from "../mixture-of-experts-fields.ts";
import { readTrunk } from "../trunk.ts";

/** Llama4TextConfig's attention_chunk_size. */
const classChunk = 8192;

export const llama4: HuggingFaceFamily = {
  architectures: ["Llama4ForCausalLM", "Llama4ForConditionalGeneration"],
  modelTypes: ["llama4", "llama4_text"],
  read: (config) => {
    const trunk = readTrunk(config, { kvHeads: 8, headDim: 128 });
    const chunk = readChunk(config);
    const turns = rotaryRule(config);
    const sparse = mixtureRule(config);
    const width = config.count("intermediate_size");
    const plain = dense(config.countOr(16384, "intermediate_size_mlp"));
    const experts = mixture(config, {
      experts: config.countOr(16, "num_local_experts"),
      expertsPerToken: config.countOr(1, "num_experts_per_tok"),
      dFf: width,
      sharedDFf: width,
    });
    const bias = config.flag("attention_bias", false);
    return readLlamaLike(config, {
      trunk,
      qkvBias: bias,
      outputBias: bias,
      attentionAt: (layer) => (turns(layer) ? { chunk } : { rotaryDim: 0 }),
      feedForwardAt: (layer) => (sparse(layer) ? experts : plain),
    });
  },
};

/** Null where the key is null: layers with rotary embedding then see all. */
function readChunk(config: ConfigFields): number | null {
  if (config.has("attention_chunk_size")) return config.countOrNull("attention_chunk_size");
  config.note(`attention_chunk_size is absent: the configuration class assumes ${classChunk}`);
  return classChunk;
}

/** no_rope_layers holds 1 where rotary embedding turns; every fourth layer goes without where the list is absent. */
function rotaryRule(config: ConfigFields): (layer: number) => boolean {
  const list = config.list("no_rope_layers") ?? [];
  const interval = config.countOr(4, "no_rope_layer_interval");
  return (layer) => (list.length > 0 ? list[layer] !== 0 && list[layer] !== false : (layer + 1) % interval !== 0);
}

function mixtureRule(config: ConfigFields): (layer: number) => boolean {
  const list = config.list("moe_layers");
  if (list !== null) {
    const layers = new Set(list);
    return (layer) => layers.has(layer);
  }
  const step = config.countOr(1, "interleave_moe_layer_step");
  return (layer) => (layer + 1) % step === 0;
}
