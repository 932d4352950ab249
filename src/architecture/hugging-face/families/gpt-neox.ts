/** GPT-NeoX, Pythia, the first StableLM, Dolly: two norms, side by side unless use_parallel_residual is false. */
import type { HuggingFaceFamily } from "../hugging-face-family.ts";
import { readLlamaLike } from "../llama-like.ts";
import { dense } from "../mixture-of-experts-fields.ts";

export const gptNeox: HuggingFaceFamily = {
  architectures: ["GPTNeoXForCausalLM"],
  modelTypes: ["gpt_neox"],
  read: (config) => {
    const bias = config.flag("attention_bias", true);
    const feedForward = dense(config.countOr(4 * config.count("hidden_size"), "intermediate_size"), false, true);
    return readLlamaLike(config, {
      fusedQkv: true,
      norm: "layer",
      normBias: true,
      parallel: config.flag("use_parallel_residual", true),
      rotaryShare: 0.25,
      qkvBias: bias,
      outputBias: bias,
      feedForwardAt: () => feedForward,
    });
  },
};
