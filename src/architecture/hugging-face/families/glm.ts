/** GLM-4 9B and GLM-4-0414: biases on Q, K and V, half of the head turned; four norms in GLM-4-0414. */
import type { HuggingFaceFamily } from "../hugging-face-family.ts";
import { readLlamaLike } from "../llama-like.ts";

export const glm: HuggingFaceFamily = {
  architectures: ["GlmForCausalLM", "Glm4ForCausalLM", "Glm4vForConditionalGeneration"],
  modelTypes: ["glm", "glm4", "glm4v", "glm4v_text"],
  read: (config) =>
    readLlamaLike(config, {
      kvHeads: 2,
      headDim: 128,
      qkvBias: config.flag("attention_bias", true),
      rotaryShare: 0.5,
      norms: config.text("model_type") === "glm" ? 2 : 4,
    }),
};
