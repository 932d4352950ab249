/** Rows of another machine than the one that they are predicted as. */
import type { Hardware } from "../hardware/hardware.ts";
import type { MeasurementTable } from "../measurement/measurement-table.ts";
import { InvalidInput } from "../quantity/invalid-input.ts";
import type { LabelledProfiles } from "./labelled-profiles.ts";

export interface OtherMachine {
  readonly table: string;
  /** As the table names it. */
  readonly label: string;
  /** The profile that bears that name. */
  readonly id: string;
  readonly rows: number;
}

/**
 * The labels of the tables that are names of other profiles. A label that no profile bears is taken at the user's word, and so
 * is every label where the machine is none of the built-in profiles. Engines' results name their machine row by row, and are
 * left out here.
 */
export function otherMachines(
  tables: readonly MeasurementTable[],
  hardware: Hardware,
  { machineOfLabel }: LabelledProfiles,
): OtherMachine[] {
  // A profile of one's own may be of any machine.
  if (machineOfLabel(hardware.id)?.id !== hardware.id) return [];
  return tables.flatMap((table) => {
    if (table.kind === "engine") return [];
    const counts = new Map<string, number>();
    for (const { gpu } of table.rows) if (gpu !== null) counts.set(gpu, (counts.get(gpu) ?? 0) + 1);
    return [...counts].flatMap(([label, rows]) => {
      const machine = machineOfLabel(label);
      if (machine === null || machine.id === hardware.id) return [];
      return [{ table: table.name, label, id: machine.id, rows }];
    });
  });
}

/** In a sentence: "t.csv has 132 rows of NVIDIA A100-SXM4-80GB (a100-80g-sxm), predicted as h100-sxm". */
export function otherMachineNote({ table, label, id, rows }: OtherMachine, hardware: Hardware): string {
  return `${table} has ${rows} row${rows === 1 ? "" : "s"} of ${label} (${id}), taken as ${hardware.id}`;
}

/** @throws InvalidInput where a table has rows of another machine */
export function refuseOtherMachines(
  tables: readonly MeasurementTable[],
  hardware: Hardware,
  profiles: LabelledProfiles,
): void {
  const [first] = otherMachines(tables, hardware, profiles);
  if (first === undefined) return;
  const wants = `its ${first.rows} rows of ${first.label} are of ${first.id}, not of ${hardware.id}`;
  throw new InvalidInput("table", first.table, wants);
}
