/** Qwen1.5, Qwen2, Qwen2.5 and their text parts in vision models: biases on Q, K and V, none on the output. */
import type { HuggingFaceFamily } from "../hugging-face-family.ts";
import { readLlamaLike } from "../llama-like.ts";
import { readQwenWindow } from "../qwen-window.ts";
import { readTrunk } from "../trunk.ts";

export const qwen2: HuggingFaceFamily = {
  architectures: ["Qwen2ForCausalLM", "Qwen2VLForConditionalGeneration", "Qwen2_5_VLForConditionalGeneration"],
  modelTypes: ["qwen2", "qwen2_vl", "qwen2_vl_text", "qwen2_5_vl", "qwen2_5_vl_text"],
  read: (config) => {
    const trunk = readTrunk(config);
    const windowAt = readQwenWindow(config, trunk);
    return readLlamaLike(config, { trunk, qkvBias: true, attentionAt: (layer) => ({ window: windowAt(layer) }) });
  },
};
