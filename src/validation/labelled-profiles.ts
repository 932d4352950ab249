/** The profiles that labels of a table mean: handed in by who has profiles. */
import type { MachineOfLabel } from "./machine-label.ts";
import type { ModelOfLabel } from "./model-label.ts";

export interface LabelledProfiles {
  readonly machineOfLabel: MachineOfLabel;
  readonly modelOfLabel: ModelOfLabel;
}

/** None: labels mean nothing. */
export const noProfiles: LabelledProfiles = { machineOfLabel: () => null, modelOfLabel: () => null };
