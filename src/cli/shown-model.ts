/** One model as `ridgepoint models show` and `--check` print it: described, with what its profile says about it. */
import { describeModel, type ModelDescription } from "../analysis/describe-model.ts";
import type { Model } from "../architecture/model.ts";
import type { ModelProfile } from "../architecture/model-profile.ts";
import { knownBuiltinId } from "../files/builtin-id.ts";
import { loadModel, readModelFile } from "../files/load-model.ts";
import { builtinModels, modelAliases } from "../generated/builtin-models.ts";
import { isPath } from "./list-arguments.ts";

export interface ShownModel extends ModelDescription {
  readonly family: string | null;
  readonly source: string | null;
  /** The count that the model's own source prints, and by how much the count from its dimensions differs. */
  readonly reported: ReportedCount | null;
  readonly notes: readonly string[];
}

export interface ReportedCount {
  readonly value: string;
  readonly source: string | null;
  /** Counted / reported − 1. */
  readonly difference: number;
  /** Why it is more than 1 % away, where it is. */
  readonly explained: string | null;
}

/**
 * The model of an id, an alias or a path.
 * @throws InvalidInput for a name that is not known, or a file that is wrong
 */
export async function shownModel(name: string): Promise<ShownModel> {
  const names = { field: "model", listCommand: "ridgepoint models", builtins: builtinModels, aliases: modelAliases };
  if (isPath(name) && knownBuiltinId(name, names) === null) return shownModelFile(name, "model");
  const model = loadModel(name);
  const { modelProfiles } = await import("../generated/builtin-provenance.ts");
  const profile = modelProfiles[model.id] ?? null;
  return shown(model, profile, profile?.notes ?? []);
}

/** The model of a file: a profile or a config.json. @throws InvalidInput naming `field` where it cannot be read */
export async function shownModelFile(path: string, field: string): Promise<ShownModel> {
  const { model, notes, profile } = await readModelFile(path, field, { weightsGiven: true });
  return shown(model, profile, notes);
}

async function shown(model: Model, profile: ModelProfile | null, notes: readonly string[]): Promise<ShownModel> {
  const description = describeModel(model);
  return {
    ...description,
    family: profile?.family ?? null,
    source: profile?.source ?? null,
    reported: profile === null ? null : await reportedCount(profile, description.parameters),
    notes: [...notes],
  };
}

async function reportedCount(profile: ModelProfile, counted: number): Promise<ReportedCount> {
  const { parseParameterCount } = await import("../architecture/model-from-profile.ts");
  const { value, source, explained } = profile.parametersReported;
  return {
    value,
    source: source ?? null,
    difference: counted / parseParameterCount(value) - 1,
    explained: explained ?? null,
  };
}
