/** gpt-oss: a window on every other layer, biases everywhere, a sink a head, a router with a bias. */
import type { HuggingFaceFamily } from "../hugging-face-family.ts";
import { readLlamaLike } from "../llama-like.ts";
import { mixture } from "../mixture-of-experts-fields.ts";
import { readLayerTypes, readTrunk, readWindow } from "../trunk.ts";

export const gptOss: HuggingFaceFamily = {
  architectures: ["GptOssForCausalLM"],
  modelTypes: ["gpt_oss"],
  read: (config) => {
    const trunk = readTrunk(config, { kvHeads: 8, headDim: 64 });
    const window = readWindow(config, trunk.maxContext, 128);
    const types = readLayerTypes(config, trunk.layers, ["sliding_attention", "full_attention"], (layer) =>
      layer % 2 === 0 ? "sliding_attention" : "full_attention",
    );
    const bias = config.flag("attention_bias", true);
    const experts = mixture(config, {
      experts: config.count("num_local_experts", "num_experts"),
      expertsPerToken: config.count("num_experts_per_tok", "experts_per_token"),
      dFf: config.count("intermediate_size"),
      bias: true,
      routerBias: true,
    });
    return readLlamaLike(config, {
      trunk,
      qkvBias: bias,
      outputBias: bias,
      attentionAt: (layer) => ({ window: types[layer] === "sliding_attention" ? window : null, sinks: true }),
      feedForwardAt: () => experts,
    });
  },
};
