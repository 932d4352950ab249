/** Baichuan 1 and 2: multi-head, one packed projection; the 13B models use ALiBi. */
import type { HuggingFaceFamily } from "../hugging-face-family.ts";
import { readLlamaLike } from "../llama-like.ts";

export const baichuan: HuggingFaceFamily = {
  architectures: ["BaichuanForCausalLM", "BaiChuanForCausalLM"],
  modelTypes: ["baichuan"],
  read: (config) => {
    const isAlibi = config.count("hidden_size") !== 4096;
    return readLlamaLike(config, { attentionAt: () => (isAlibi ? { rotaryDim: 0 } : {}) });
  },
};
