/** MiMo-7B: Qwen2's layer; its prediction layers for several tokens are not counted. */
import type { HuggingFaceFamily } from "../hugging-face-family.ts";
import { readLlamaLike } from "../llama-like.ts";

export const mimo: HuggingFaceFamily = {
  architectures: ["MiMoForCausalLM"],
  modelTypes: ["mimo"],
  read: (config) => readLlamaLike(config, { qkvBias: config.flag("attention_bias", true) }),
};
