/** GPT-2: learned positions, biases everywhere, tied by the class; n_inner null means 4 n_embd. SantaCoder says multiquery. */

import { readGpt2Like } from "../gpt2-like.ts";
import type { HuggingFaceFamily } from "../hugging-face-family.ts";

export const gpt2: HuggingFaceFamily = {
  architectures: ["GPT2LMHeadModel", "GPT2Model"],
  modelTypes: ["gpt2"],
  read: (config) => readGpt2Like(config, config.text("attention_head_type") === "multiquery" ? 1 : null),
};
