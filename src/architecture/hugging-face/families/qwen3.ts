/** Qwen3: a norm on each head of Q and K, head_dim apart from hidden_size / heads. */
import type { HuggingFaceFamily } from "../hugging-face-family.ts";
import { readLlamaLike } from "../llama-like.ts";
import { readQwenWindow } from "../qwen-window.ts";
import { readTrunk } from "../trunk.ts";

export const qwen3: HuggingFaceFamily = {
  architectures: ["Qwen3ForCausalLM", "Qwen3VLForConditionalGeneration"],
  modelTypes: ["qwen3", "qwen3_vl", "qwen3_vl_text"],
  read: (config) => {
    const trunk = readTrunk(config, { headDim: 128 });
    const windowAt = readQwenWindow(config, trunk);
    const bias = config.flag("attention_bias", false);
    return readLlamaLike(config, {
      trunk,
      qkvBias: bias,
      outputBias: bias,
      qkNorm: "head",
      attentionAt: (layer) => ({ window: windowAt(layer) }),
    });
  },
};
