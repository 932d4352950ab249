/** StableLM 3B and 2: layer norm, a quarter of the head turned; the 12B model runs side by side after one norm. */
import type { HuggingFaceFamily } from "../hugging-face-family.ts";
import { readLlamaLike } from "../llama-like.ts";

export const stablelm: HuggingFaceFamily = {
  architectures: ["StableLmForCausalLM", "StableLMEpochForCausalLM"],
  modelTypes: ["stablelm", "stablelm_epoch"],
  read: (config) => {
    const parallel = config.flag("use_parallel_residual", false);
    const bias = config.flag("use_qkv_bias", false);
    return readLlamaLike(config, {
      norm: "layer",
      normBias: true,
      norms: parallel ? 1 : 2,
      parallel,
      qkvBias: bias,
      qkNorm: config.flag("qk_layernorm", false) ? "full" : "none",
      rotaryShare: 0.25,
    });
  },
};
