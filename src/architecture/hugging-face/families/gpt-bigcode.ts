/** SantaCoder and StarCoder: GPT-2's layer, one K/V head unless multi_query is false. */

import { readGpt2Like } from "../gpt2-like.ts";
import type { HuggingFaceFamily } from "../hugging-face-family.ts";

export const gptBigcode: HuggingFaceFamily = {
  architectures: ["GPTBigCodeForCausalLM"],
  modelTypes: ["gpt_bigcode"],
  read: (config) => readGpt2Like(config, config.flag("multi_query", true) ? 1 : null),
};
