/**
 * The built-in models, machines and fits by name, for a browser: `ridgepoint/node` finds them by itself, and reads files as well.
 *
 * @example
 * const hardware = builtinHardwareOf("h100-sxm"); // or an alias, in any case
 * stepPredictor(builtinModelOf("llama-2-7b"), hardware, { timing: (each) => chooseTiming(each, choice) });
 */
import type { Model } from "./architecture/model.ts";
import { builtinId } from "./files/builtin-id.ts";
import { builtinHardware, hardwareAliases } from "./generated/builtin-hardware.ts";
import { builtinModels, modelAliases } from "./generated/builtin-models.ts";
import type { Hardware } from "./hardware/hardware.ts";

export { parseJson } from "./architecture/parse-json.ts";
export { builtinCalibrations } from "./generated/builtin-calibrations.ts";
export { builtinHardware } from "./generated/builtin-hardware.ts";
export { builtinModels } from "./generated/builtin-models.ts";

const modelNames = {
  field: "model",
  listCommand: "ridgepoint models",
  builtins: builtinModels,
  aliases: modelAliases,
};
const hardwareNames = {
  field: "hardware",
  listCommand: "ridgepoint hardware",
  builtins: builtinHardware,
  aliases: hardwareAliases,
};

/** The built-in model of an id or an alias. @throws InvalidInput with the nearest name for one that is not known */
export function builtinModelOf(idOrAlias: string): Model {
  return builtinModels[builtinId(idOrAlias, modelNames)] as Model;
}

/** The built-in machine of an id or an alias. @throws InvalidInput with the nearest name for one that is not known */
export function builtinHardwareOf(idOrAlias: string): Hardware {
  return builtinHardware[builtinId(idOrAlias, hardwareNames)] as Hardware;
}
