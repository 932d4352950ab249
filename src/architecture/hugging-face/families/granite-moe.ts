/** Granite 3's mixtures: experts of intermediate_size, a shared one in GraniteMoeShared. */
import type { HuggingFaceFamily } from "../hugging-face-family.ts";
import { readLlamaLike } from "../llama-like.ts";
import { mixture } from "../mixture-of-experts-fields.ts";

export const graniteMoe: HuggingFaceFamily = {
  architectures: ["GraniteMoeForCausalLM", "GraniteMoeSharedForCausalLM"],
  modelTypes: ["granitemoe", "granitemoeshared"],
  read: (config) => {
    const bias = config.flag("attention_bias", false);
    const experts = mixture(config, {
      experts: config.countOr(8, "num_local_experts"),
      expertsPerToken: config.countOr(2, "num_experts_per_tok"),
      dFf: config.count("intermediate_size"),
      sharedDFf: config.whole("shared_intermediate_size"),
    });
    return readLlamaLike(config, { qkvBias: bias, outputBias: bias, feedForwardAt: () => experts });
  },
};
