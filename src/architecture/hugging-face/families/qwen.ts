/** The first Qwen: biases on Q, K and V; intermediate_size counts gate and up together. */
import type { HuggingFaceFamily } from "../hugging-face-family.ts";
import { readLlamaLike } from "../llama-like.ts";
import { dense } from "../mixture-of-experts-fields.ts";

export const qwen: HuggingFaceFamily = {
  architectures: ["QWenLMHeadModel"],
  modelTypes: ["qwen"],
  read: (config) => {
    const bias = !config.flag("no_bias", true);
    const both = config.count("intermediate_size");
    if (both % 2 !== 0) throw config.fault("intermediate_size", both, "wants an even number: gate and up together");
    return readLlamaLike(config, {
      fusedQkv: true,
      qkvBias: true,
      outputBias: bias,
      feedForwardAt: () => dense(both / 2, true, bias),
    });
  },
};
