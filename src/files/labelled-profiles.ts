/** The built-in machine or model that a label of a table means. */
import type { Model } from "../architecture/model.ts";
import { builtinHardware, hardwareAliases } from "../generated/builtin-hardware.ts";
import { builtinModels, modelAliases } from "../generated/builtin-models.ts";
import type { Hardware } from "../hardware/hardware.ts";
import type { LabelledProfiles } from "../validation/labelled-profiles.ts";
import { machineLookup } from "../validation/machine-label.ts";
import { modelLookup } from "../validation/model-label.ts";

let profiles: LabelledProfiles | null = null;

/** Lookups over the built-in profiles; they are made once. */
export function labelledProfiles(): LabelledProfiles {
  profiles ??= {
    machineOfLabel: machineLookup(
      Object.values(builtinHardware).map((machine: Hardware) => ({
        machine,
        aliases: aliasesOf(hardwareAliases, machine.id),
      })),
    ),
    modelOfLabel: modelLookup(
      Object.values(builtinModels).map((model: Model) => ({ model, aliases: aliasesOf(modelAliases, model.id) })),
    ),
  };
  return profiles;
}

function aliasesOf(aliases: Readonly<Record<string, string>>, id: string): string[] {
  return Object.keys(aliases).filter((alias) => aliases[alias] === id);
}
