/** What a family of Hugging Face configurations is: the names it goes by and how its fields are read. */
import type { Model } from "../model.ts";
import type { ConfigFields } from "./config-fields.ts";

/** A model but for its name and the format its weights are stored in, which are read alike for all families. */
export type ModelDimensions = Omit<Model, "id" | "name" | "publishedWeights">;

export interface HuggingFaceFamily {
  /** Names found under architectures. */
  readonly architectures: readonly string[];
  /** Names found under model_type, the nested text_config's too. */
  readonly modelTypes: readonly string[];
  /** Sizes that the class assumes in a nested text_config, where files leave them out (LLaVA, Pixtral). */
  readonly nestedDefaults?: Readonly<Record<string, number>>;
  /** The dimensions that the fields give. @throws InvalidInput for a field that is missing or out of range */
  readonly read: (config: ConfigFields) => ModelDimensions;
}
