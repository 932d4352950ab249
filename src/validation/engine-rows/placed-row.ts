/**
 * A row of a whole engine with the machine and the model that its own labels name. --hardware stands in where a row names no
 * machine, and where its label is that machine's own name; it never stands for another.
 */
import type { Model } from "../../architecture/model.ts";
import type { Hardware } from "../../hardware/hardware.ts";
import type { EngineRow } from "../../measurement/measurement-row.ts";
import type { MeasurementTable } from "../../measurement/measurement-table.ts";
import type { LabelledProfiles } from "../labelled-profiles.ts";
import { machineLookup } from "../machine-label.ts";
import { machineOfLabel, modelOfLabel } from "../published/run-labels.ts";

export interface PlacedRow {
  readonly row: EngineRow;
  /** The engine as its source spells it. */
  readonly label: string;
  /** The machine as its datasheet states it, and with measured ceilings where they are given. */
  readonly stated: Hardware;
  readonly hardware: Hardware;
  readonly model: Model;
}

/** Back ends whose kernels are others than those that an engine is known by on a maker's machines. */
const otherBackEnds = /vulkan|opencl|sycl|kompute|rpc|^(cpu|blas)(,\s*(cpu|blas))*$/i;

/** The engine rows of a table, each with its engine as its source spells it (`engine_label`), another back end in brackets. */
export function labelledRows({ rows, otherColumns }: MeasurementTable): { row: EngineRow; label: string }[] {
  const column = otherColumns.indexOf("engine_label");
  return rows.flatMap((row) => {
    if (row.kind !== "engine") return [];
    const label = (column < 0 ? "" : row.otherCells[column]) || row.engine;
    return [{ row, label: otherBackEnds.test(row.kernel ?? "") ? `${label} (${row.kernel})` : label }];
  });
}

export interface GivenMachine {
  /** With the ceilings of --ceilings where given. */
  readonly hardware: Hardware;
  /** The profile of that name; the machine itself where it is none of the built-in ones. */
  readonly stated: Hardware;
}

export function givenMachine(hardware: Hardware, profiles: LabelledProfiles): GivenMachine {
  const stated = profiles.machineOfLabel(hardware.id);
  return { hardware, stated: stated?.id === hardware.id ? stated : hardware };
}

/** The row's machine and model, or in words why there is none. */
export function placedRow(
  row: EngineRow,
  label: string,
  given: GivenMachine | null,
  profiles: LabelledProfiles,
): PlacedRow | string {
  const machine = statedMachineOf(row.gpu, given, profiles);
  if (typeof machine === "string") return machine;
  const model = profiles.modelOfLabel(row.model) ?? profiles.modelOfLabel(modelOfLabel(row.model));
  if (model === null) return "no profile of the model";
  const isGiven = given !== null && machine.id === given.hardware.id;
  return { row, label, stated: machine, hardware: isGiven ? given.hardware : machine, model };
}

function statedMachineOf(
  label: string | null,
  given: GivenMachine | null,
  profiles: LabelledProfiles,
): Hardware | string {
  if (label === null) return given?.stated ?? "the row names no machine: --hardware says which";
  const named = profiles.machineOfLabel(label);
  if (named !== null) return named;
  const asked = given === null ? null : machineLookup([{ machine: given.stated, aliases: [] }])(label);
  if (asked !== null) return asked;
  const labelled = machineOfLabel(label);
  if (labelled === null) return "the label names no one machine";
  return profiles.machineOfLabel(labelled.hardware) ?? "no profile of the machine";
}

/** The profile that most engine rows of the tables name; null where none names one. */
export function mainMachine(tables: readonly MeasurementTable[], profiles: LabelledProfiles): Hardware | null {
  const rows = new Map<string, { readonly machine: Hardware; count: number }>();
  for (const { row } of tables.flatMap(labelledRows)) {
    const machine = statedMachineOf(row.gpu, null, profiles);
    if (typeof machine === "string") continue;
    const known = rows.get(machine.id) ?? { machine, count: 0 };
    known.count += 1;
    rows.set(machine.id, known);
  }
  return [...rows.values()].sort((a, b) => b.count - a.count)[0]?.machine ?? null;
}
