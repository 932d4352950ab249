/** Llama 1 to 3 and models of the same layer: Yi, SmolLM2, TinyLlama, Aquila, XVERSE. */
import type { HuggingFaceFamily } from "../hugging-face-family.ts";
import { readLlamaLike } from "../llama-like.ts";
import { dense } from "../mixture-of-experts-fields.ts";

export const llama: HuggingFaceFamily = {
  architectures: [
    "LlamaForCausalLM",
    "LLaMAForCausalLM",
    "YiForCausalLM",
    "AquilaForCausalLM",
    "AquilaModel",
    "XverseForCausalLM",
  ],
  modelTypes: ["llama", "Yi", "aquila", "xverse"],
  nestedDefaults: {
    hidden_size: 4096,
    intermediate_size: 11008,
    num_hidden_layers: 32,
    num_attention_heads: 32,
    vocab_size: 32000,
  },
  read: (config) => {
    const bias = config.flag("attention_bias", false);
    const feedForward = dense(config.count("intermediate_size"), true, config.flag("mlp_bias", false));
    return readLlamaLike(config, { qkvBias: bias, outputBias: bias, feedForwardAt: () => feedForward });
  },
};
