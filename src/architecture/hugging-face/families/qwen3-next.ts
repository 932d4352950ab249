/**
 * Qwen3-Next and Qwen3.5: three layers of linear attention (Gated DeltaNet) to one of softmax attention with an output
 * gate; a quarter of each head is turned by rotary embedding; dense or a mixture with one gated shared expert.
 */
import type { LinearAttention } from "../../model.ts";
import { softmaxAttention } from "../../softmax-attention.ts";
import type { ConfigFields } from "../config-fields.ts";
import { decoderOnly } from "../decoder-only.ts";
import type { HuggingFaceFamily, ModelDimensions } from "../hugging-face-family.ts";
import { dense, mixture, sparseStepRule } from "../mixture-of-experts-fields.ts";
import { readLayerTypes, readRotaryDim, readTrunk } from "../trunk.ts";

export const qwen3Next: HuggingFaceFamily = {
  architectures: [
    "Qwen3NextForCausalLM",
    "Qwen3_5ForCausalLM",
    "Qwen3_5ForConditionalGeneration",
    "Qwen3_5MoeForCausalLM",
    "Qwen3_5MoeForConditionalGeneration",
  ],
  modelTypes: ["qwen3_next", "qwen3_5", "qwen3_5_text", "qwen3_5_moe", "qwen3_5_moe_text"],
  read: readQwen3Next,
};

function readQwen3Next(config: ConfigFields): ModelDimensions {
  const modelType = config.text("model_type");
  const isDense35 = modelType === "qwen3_5" || modelType === "qwen3_5_text";
  const trunk = readTrunk(config, { headDim: 256, kvHeads: isDense35 ? 4 : 2 });
  const interval = config.countOr(4, "full_attention_interval");
  const types = readLayerTypes(config, trunk.layers, ["linear_attention", "full_attention"], (layer) =>
    (layer + 1) % interval === 0 ? "full_attention" : "linear_attention",
  );
  const full = softmaxAttention({
    heads: trunk.heads,
    kvHeads: trunk.kvHeads,
    headDim: trunk.headDim,
    rotaryDim: readRotaryDim(config, trunk.headDim, 0.25),
    qkvBias: config.flag("attention_bias", false),
    outputBias: config.flag("attention_bias", false),
    qkNorm: "head",
    outputGate: config.flag("attn_output_gate", true),
  });
  const linear = readLinearAttention(config);
  const feedForwardAt = readFeedForward(config);
  return decoderOnly({
    dModel: trunk.dModel,
    vocab: trunk.vocab,
    tied: config.flag("tie_word_embeddings", false),
    maxContext: trunk.maxContext,
    norm: "rms",
    layers: trunk.layers,
    layerAt: (layer) => ({
      attention: types[layer] === "full_attention" ? full : linear,
      feedForward: feedForwardAt(layer),
    }),
  });
}

function readLinearAttention(config: ConfigFields): LinearAttention {
  const keyHeads = config.countOr(16, "linear_num_key_heads");
  const valueHeads = config.countOr(32, "linear_num_value_heads");
  if (valueHeads % keyHeads !== 0) {
    throw config.fault("linear_num_key_heads", keyHeads, `must divide linear_num_value_heads ${valueHeads}`);
  }
  return {
    kind: "linear",
    keyHeads,
    valueHeads,
    keyDim: config.countOr(128, "linear_key_head_dim"),
    valueDim: config.countOr(128, "linear_value_head_dim"),
    convolution: config.countOr(4, "linear_conv_kernel_dim"),
  };
}

function readFeedForward(config: ConfigFields): (layer: number) => ReturnType<typeof dense | typeof mixture> {
  if (config.whole("num_experts") === 0) {
    const plain = dense(config.count("intermediate_size"));
    return () => plain;
  }
  const sparse = sparseStepRule(config);
  const experts = mixture(config, {
    experts: config.count("num_experts"),
    expertsPerToken: config.count("num_experts_per_tok"),
    dFf: config.count("moe_intermediate_size"),
    sharedDFf: config.whole("shared_expert_intermediate_size"),
    sharedGate: config.whole("shared_expert_intermediate_size") > 0,
  });
  const plain = dense(config.countOr(1, "intermediate_size"));
  return (layer) => (sparse(layer) ? experts : plain);
}
