/** A machine by the name of a built-in profile, or from a profile's JSON file. */
import { builtinHardware, hardwareAliases } from "../generated/builtin-hardware.ts";
import type { Hardware } from "../hardware/hardware.ts";
import type { HardwareProfile } from "../hardware/hardware-profile.ts";
import { InvalidInput } from "../quantity/invalid-input.ts";
import { type BuiltinNames, builtinId } from "./builtin-id.ts";

const names: BuiltinNames = {
  field: "hardware",
  listCommand: "ridgepoint hardware",
  builtins: builtinHardware,
  aliases: hardwareAliases,
};

/**
 * The machine that an id, an alias or a path names; a path has a slash or ends with .json.
 * @throws InvalidInput for a name that is not known, a file that cannot be read, and a profile that is wrong
 */
export async function loadHardware(idOrPath: string): Promise<Hardware> {
  return /[\\/]|\.json$/i.test(idOrPath) && !Object.hasOwn(hardwareAliases, idOrPath.toLowerCase())
    ? loadHardwareFile(idOrPath)
    : builtinHardwareNamed(idOrPath);
}

/**
 * The built-in machine of an id or an alias.
 * @throws InvalidInput with the nearest name for one that is not known
 * @example builtinHardwareNamed("h100-sxm").memoryBandwidthBytesPerSecond is 3.35e12
 */
export function builtinHardwareNamed(idOrAlias: string): Hardware {
  return builtinHardware[builtinId(idOrAlias, names)] as Hardware;
}

/** A machine with the profile it was read from. */
export interface HardwareFile {
  readonly hardware: Hardware;
  readonly profile: HardwareProfile;
}

/**
 * The machine of a profile's file. What checks it is loaded only now: built-in profiles were checked when built.
 * @throws InvalidInput for a file that cannot be read, a syntax error with its line, and a profile that is wrong
 */
export async function loadHardwareFile(path: string): Promise<Hardware> {
  return (await readHardwareFile(path)).hardware;
}

/**
 * The machine of a profile's file, with the sources of its figures.
 * @param field the option that named the file, for the message
 * @throws InvalidInput as loadHardwareFile does
 */
export async function readHardwareFile(path: string, field = "hardware"): Promise<HardwareFile> {
  const [{ readTextFile }, { parseJson }, { parseHardwareProfile }, { hardwareFromProfile }] = await Promise.all([
    import("./read-text-file.ts"),
    import("../architecture/parse-json.ts"),
    import("../hardware/hardware-profile-schema.ts"),
    import("../hardware/hardware-profile.ts"),
  ]);
  const value = parseJson(await readTextFile(path, field), path);
  if (isMachineDescription(value)) {
    const wants = "describes a machine; wants a hardware profile, as measure ceilings and validate --here write one";
    throw new InvalidInput(field, path, wants);
  }
  const profile = parseHardwareProfile(value);
  return { hardware: hardwareFromProfile(profile), profile };
}

/** The machine.json beside measurements, easily taken for a profile. */
function isMachineDescription(value: unknown): boolean {
  return typeof value === "object" && value !== null && "processor" in value && "usableThreads" in value;
}
