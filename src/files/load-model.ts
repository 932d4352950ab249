/** A model by the name of a built-in profile, or from a file: a Hugging Face config.json or a model profile. */
import type { Model } from "../architecture/model.ts";
import type { ModelProfile } from "../architecture/model-profile.ts";
import { builtinModels, modelAliases } from "../generated/builtin-models.ts";
import { type BuiltinNames, builtinId } from "./builtin-id.ts";

const names: BuiltinNames = {
  field: "model",
  listCommand: "ridgepoint models",
  builtins: builtinModels,
  aliases: modelAliases,
};

export interface ModelFile {
  readonly model: Model;
  /** What was assumed, ignored or left out in reading a config.json, one sentence each; a profile's own notes. */
  readonly notes: readonly string[];
  /** Null for a config.json. */
  readonly profile: ModelProfile | null;
}

export interface ModelFileOptions {
  /** Whether the weights' format is given beside the file, which then need not say one that is understood. */
  readonly weightsGiven?: boolean;
}

/**
 * The built-in model of an id or an alias.
 * @throws InvalidInput with the nearest name for one that is not known
 * @example loadModel("llama-2-7b").dModel is 4096
 */
export function loadModel(idOrAlias: string): Model {
  return builtinModels[builtinId(idOrAlias, names)] as Model;
}

/**
 * The model of a file.
 * @param field the option that named the file, for the message
 * @throws InvalidInput as readModelFile does
 */
export async function loadModelFile(path: string, field = "--config", options: ModelFileOptions = {}): Promise<Model> {
  return (await readModelFile(path, field, options)).model;
}

/**
 * The model of a file, with what is to be said about it. A file with layerKinds is a model profile, any other a
 * config.json. What reads either is loaded only now.
 * @throws InvalidInput for a file that cannot be read, a syntax error with its line, an unknown architecture, and fields
 *   that are missing or wrong
 */
export async function readModelFile(
  path: string,
  field = "--config",
  options: ModelFileOptions = {},
): Promise<ModelFile> {
  const [{ readTextFile }, { parseJson }] = await Promise.all([
    import("./read-text-file.ts"),
    import("../architecture/parse-json.ts"),
  ]);
  const content = parseJson(await readTextFile(path, field), path);
  if (!isProfile(content)) {
    const { modelFromHuggingFace } = await import("../architecture/hugging-face/model-from-hugging-face.ts");
    return { ...modelFromHuggingFace(content, undefined, { ...options, what: path }), profile: null };
  }
  const [{ parseModelProfile }, { modelFromProfile }] = await Promise.all([
    import("../architecture/model-profile-schema.ts"),
    import("../architecture/model-from-profile.ts"),
  ]);
  const profile = parseModelProfile(content);
  return { model: modelFromProfile(profile), notes: profile.notes ?? [], profile };
}

function isProfile(content: unknown): boolean {
  return typeof content === "object" && content !== null && Object.hasOwn(content, "layerKinds");
}
