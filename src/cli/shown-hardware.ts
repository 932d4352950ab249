/** One machine as `ridgepoint hardware show` and `--check` print it: described, with the source of each figure. */
import {
  describeHardware,
  type HardwareDescription,
  type SourcedFigure,
  sourcedFigures,
} from "../analysis/describe-hardware.ts";
import { builtinHardwareNamed, readHardwareFile } from "../files/load-hardware.ts";
import type { Hardware } from "../hardware/hardware.ts";
import type { HardwareProfile } from "../hardware/hardware-profile.ts";
import { isPath } from "./list-arguments.ts";

export interface ShownHardware extends HardwareDescription {
  readonly memoryType: string | null;
  /** Every figure as its source prints it. */
  readonly figures: readonly SourcedFigure[];
  readonly notes: readonly string[];
}

/**
 * The machine of an id, an alias or a path.
 * @throws InvalidInput for a name that is not known, or a file that is wrong
 */
export async function shownHardware(name: string): Promise<ShownHardware> {
  if (isPath(name)) return shownHardwareFile(name, "hardware");
  const machine = builtinHardwareNamed(name);
  const { hardwareProfiles } = await import("../generated/builtin-provenance.ts");
  return shown(machine, hardwareProfiles[machine.id] ?? null);
}

/** The machine of a profile's file. @throws InvalidInput naming `field` where it cannot be read */
export async function shownHardwareFile(path: string, field: string): Promise<ShownHardware> {
  const { hardware: machine, profile } = await readHardwareFile(path, field);
  return shown(machine, profile);
}

function shown(machine: Hardware, profile: HardwareProfile | null): ShownHardware {
  return {
    ...describeHardware(machine),
    memoryType: profile?.memory.type ?? null,
    figures: profile === null ? [] : sourcedFigures(profile),
    notes: profile?.note === undefined ? [] : [profile.note],
  };
}
