/**
 * Which model a label of an engine's results means, however its maker spells it: "meta-llama/Llama-3.1-70B-Instruct",
 * "llama_70b", "Mixtral 8x7B". Who published it, how it was tuned and how it was quantised do not change its dimensions.
 */
import type { Model } from "../architecture/model.ts";

export interface ModelNames {
  readonly model: Model;
  readonly aliases: readonly string[];
}

export type ModelOfLabel = (label: string) => Model | null;

/** Without its version a name means the first with those dimensions. */
const unversioned: Readonly<Record<string, string>> = {
  llama7b: "llama-2-7b",
  llama8b: "llama-3-8b",
  llama13b: "llama-2-13b",
  llama70b: "llama-2-70b",
  llama405b: "llama-3.1-405b",
  qwen332b: "qwen3-32b",
};

const endings =
  /[-_. ](instruct|chat|hf|it|base|gguf|fp8|kv|bf16|fp16|awq|gptq|int4|int8|w\d+a\d+|quantized|dynamic|v0\.\d)$/;

/** @example the lookup over the built-in profiles gives mixtral-8x7b for "Mixtral 8x7B", and null for "CodeLlama-34B" */
export function modelLookup(profiles: Iterable<ModelNames>): ModelOfLabel {
  const byName = new Map<string, Model>();
  const byId = new Map<string, Model>();
  for (const { model, aliases } of profiles) {
    byId.set(model.id, model);
    for (const name of [model.id, model.name, ...aliases]) {
      const bare = bareName(name);
      if (!byName.has(bare)) byName.set(bare, model);
    }
  }
  return (label) => {
    for (let name = label.trim().toLowerCase(); ; ) {
      const bare = bareName(name);
      const found = byName.get(bare) ?? byId.get(unversioned[bare] ?? "");
      if (found !== undefined) return found;
      const shorter = name.replace(endings, "");
      if (shorter === name) return null;
      name = shorter;
    }
  };
}

/** Letters, digits and points, without the publisher before a slash and a "Meta-" before Llama. */
function bareName(name: string): string {
  return name
    .toLowerCase()
    .replace(/^.*\//, "")
    .replace(/^meta[-_ ]/, "")
    .replace(/[^a-z0-9.]+/g, "");
}
