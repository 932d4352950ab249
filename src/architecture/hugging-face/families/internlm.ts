/** InternLM 1 to 3: Llama's layer, biases by bias (InternLM 1: on by default) and qkv_bias (InternLM 3). */
import type { HuggingFaceFamily } from "../hugging-face-family.ts";
import { readLlamaLike } from "../llama-like.ts";
import { dense } from "../mixture-of-experts-fields.ts";

export const internlm: HuggingFaceFamily = {
  architectures: ["InternLMForCausalLM", "InternLM2ForCausalLM", "InternLM3ForCausalLM"],
  modelTypes: ["internlm", "internlm2", "internlm3"],
  read: (config) => {
    const modelType = config.text("model_type");
    const bias = config.flag("bias", modelType === "internlm");
    // InternLM 1 has biases on the attention alone, InternLM 2 nowhere in its published models.
    const feedForward = dense(config.count("intermediate_size"), true, modelType === "internlm3" && bias);
    return readLlamaLike(config, {
      qkvBias: config.flag("qkv_bias", bias),
      outputBias: bias,
      feedForwardAt: () => feedForward,
    });
  },
};
