/** Phi-3, Phi-3.5, Phi-4, Phi-4-mini: Llama's layer, a window in the short-context files, part of the head turned in Phi-4-mini. */
import type { HuggingFaceFamily } from "../hugging-face-family.ts";
import { readLlamaLike } from "../llama-like.ts";
import { readTrunk, readWindow } from "../trunk.ts";

export const phi3: HuggingFaceFamily = {
  architectures: ["Phi3ForCausalLM", "Phi3VForCausalLM", "Phi4MMForCausalLM", "Phi4MultimodalForCausalLM"],
  modelTypes: ["phi3", "phi3_v", "phi4mm", "phi4_multimodal"],
  read: (config) => {
    const trunk = readTrunk(config);
    const window = readWindow(config, trunk.maxContext, null);
    return readLlamaLike(config, { trunk, fusedQkv: true, attentionAt: () => ({ window }) });
  },
};
