/**
 * One timing for machines that are compared: a calibrated machine beside the roofline of others would set what kernels take
 * beside what bytes need at least, and fits of different software would set one software beside another. Where the timing is left
 * open and some of the machines have no fit of their own, all take the roofline; where the software is left open and their fits are
 * of different ones, all take the first that each fitted machine has a fit of, else that of the first machine. A note says either.
 */
import type { Hardware } from "../hardware/hardware.ts";
import { rooflineChoice, type TimingChoice } from "./choose-timing.ts";
import { executionProfiles } from "./engines.ts";
import type { EngineId } from "./execution-profile.ts";

export function comparableTiming(choice: TimingChoice, machines: readonly Hardware[]): TimingChoice {
  if (choice.timing === "roofline") return choice;
  if (choice.timing === "calibrated") return ofOneSoftware(choice, machines);
  const fitted = new Set(choice.calibrations.map(({ hardware }) => hardware));
  const lacking = [...new Set(machines.map(({ id }) => id))].filter((id) => !fitted.has(id));
  if (lacking.length === 0) return ofOneSoftware(choice, machines);
  if (machines.every(({ id }) => !fitted.has(id))) return choice;
  const note = `roofline for all machines: no fit of ${lacking.join(", ")} (--timing calibrated carries the nearest one over)`;
  return { ...rooflineChoice, notes: [...(choice.notes ?? []), note] };
}

function ofOneSoftware(choice: TimingChoice, machines: readonly Hardware[]): TimingChoice {
  const { calibrations } = choice;
  // A fit of whole runs alone is of one software for all machines.
  if (choice.engine !== null || calibrations.some(({ kernels }) => kernels.length === 0)) return choice;
  const own = machines.map(({ id }) =>
    calibrations.filter(({ hardware }) => hardware === id).map(({ engine }) => engine),
  );
  const used = new Set(own.map(([engine]) => engine ?? calibrations[0]?.engine));
  if (used.size < 2) return choice;
  const engine = sharedEngine(own.filter((engines) => engines.length > 0));
  const note = `${executionProfiles[engine].name} on all machines: their fits are of different software (--engine)`;
  return { ...choice, engine, notes: [...(choice.notes ?? []), note] };
}

function sharedEngine(fitted: readonly (readonly EngineId[])[]): EngineId {
  const [first = []] = fitted;
  return first.find((engine) => fitted.every((engines) => engines.includes(engine))) ?? first[0]!;
}
