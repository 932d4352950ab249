/** GPT-J and CodeGen: attention and feed-forward side by side after one norm; biases on feed-forward and logits only. */
import { softmaxAttention } from "../../softmax-attention.ts";
import { decoderOnly } from "../decoder-only.ts";
import type { HuggingFaceFamily } from "../hugging-face-family.ts";
import { dense } from "../mixture-of-experts-fields.ts";
import { dividedHeadDim } from "../trunk.ts";

export const gptj: HuggingFaceFamily = {
  architectures: ["GPTJForCausalLM", "CodeGenForCausalLM"],
  modelTypes: ["gptj", "codegen"],
  read: (config) => {
    const dModel = config.count("n_embd", "hidden_size");
    const heads = config.count("n_head", "num_attention_heads");
    const headDim = dividedHeadDim(config, dModel, heads);
    // A rotary_dim of null turns the whole head.
    const rotaryDim = config.has("rotary_dim") ? config.countOr(headDim, "rotary_dim") : Math.min(64, headDim);
    if (rotaryDim > headDim) throw config.fault("rotary_dim", rotaryDim, `must be at most the head size ${headDim}`);
    const attention = softmaxAttention({ heads, kvHeads: heads, headDim, rotaryDim });
    const feedForward = dense(config.countOr(4 * dModel, "n_inner", "intermediate_size"), false, true);
    return decoderOnly({
      dModel,
      vocab: config.count("vocab_size"),
      tied: config.flag("tie_word_embeddings", false),
      maxContext: config.countOrNull("n_positions", "max_position_embeddings", "n_ctx"),
      norm: "layer",
      normBias: true,
      logitsBias: true,
      layers: config.count("n_layer", "num_hidden_layers"),
      layerAt: () => ({ attention, feedForward, norms: 1, parallel: true }),
    });
  },
};
