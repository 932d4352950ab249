/**
 * One timing for machines that are compared: a calibrated machine beside the roofline of others would set what kernels take
 * beside what bytes need at least. Where the timing is left open and some of the machines have no fit of their own, all take
 * the roofline, and a note says so.
 */
import type { Hardware } from "../hardware/hardware.ts";
import { rooflineChoice, type TimingChoice } from "./choose-timing.ts";

export function comparableTiming(choice: TimingChoice, machines: readonly Hardware[]): TimingChoice {
  if (choice.timing !== null) return choice;
  const fitted = new Set(choice.calibrations.map(({ hardware }) => hardware));
  const lacking = [...new Set(machines.map(({ id }) => id))].filter((id) => !fitted.has(id));
  if (lacking.length === 0 || machines.every(({ id }) => !fitted.has(id))) return choice;
  const note = `roofline for all machines: no fit of ${lacking.join(", ")} (--timing calibrated carries the nearest one over)`;
  return { ...rooflineChoice, notes: [...(choice.notes ?? []), note] };
}
