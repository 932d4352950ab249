/** A mixture of experts from what is special about it, and the rule that says which layers hold one. */
import type { DenseFeedForward, MixtureOfExperts } from "../model.ts";
import type { ConfigFields } from "./config-fields.ts";

export type MixtureGiven = Pick<MixtureOfExperts, "experts" | "expertsPerToken" | "dFf"> &
  Partial<Omit<MixtureOfExperts, "kind">>;

/** @throws InvalidInput where a token picks more experts than there are */
export function mixture(config: ConfigFields, given: MixtureGiven): MixtureOfExperts {
  if (given.expertsPerToken > given.experts) {
    throw config.fault("num_experts_per_tok", given.expertsPerToken, `must be at most the experts, ${given.experts}`);
  }
  return {
    kind: "mixture",
    experts: given.experts,
    expertsPerToken: given.expertsPerToken,
    dFf: given.dFf,
    gated: given.gated ?? true,
    bias: given.bias ?? false,
    routerBias: given.routerBias ?? false,
    sharedDFf: given.sharedDFf ?? 0,
    sharedGate: given.sharedGate ?? false,
  };
}

/** A dense feed-forward network, gated and without biases unless given. */
export function dense(dFf: number, gated = true, bias = false): DenseFeedForward {
  return { kind: "dense", dFf, gated, bias };
}

/** Qwen's rule: every decoder_sparse_step-th layer holds experts, but for those that mlp_only_layers names. */
export function sparseStepRule(config: ConfigFields): (layer: number) => boolean {
  const step = config.countOr(1, "decoder_sparse_step");
  const denseLayers = new Set(config.list("mlp_only_layers") ?? []);
  return (layer) => !denseLayers.has(layer) && (layer + 1) % step === 0;
}

/** DeepSeek's rule: the first first_k_dense_replace layers are dense, then every moe_layer_freq-th holds experts. */
export function firstDenseRule(config: ConfigFields, classDefault: number): (layer: number) => boolean {
  const types = config.list("mlp_layer_types");
  if (types !== null) return (layer) => types[layer] !== "dense";
  const first = config.has("first_k_dense_replace") ? config.whole("first_k_dense_replace") : classDefault;
  const frequency = config.countOr(1, "moe_layer_freq");
  return (layer) => layer >= first && layer % frequency === 0;
}
