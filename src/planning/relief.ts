/**
 * What one step of relief would buy: the whole search on the plan's machine again, with a quarter more of one thing. Nothing is
 * extrapolated.
 */
import { scaledHardware } from "../analysis/scaled-step.ts";
import type { Hardware } from "../hardware/hardware.ts";
import type { Candidate } from "./candidate.ts";
import type { Objectives } from "./objectives.ts";
import type { PlanQuestion } from "./plan-question.ts";
import { searchFleets } from "./search.ts";

export interface Relief {
  readonly what: string;
  readonly change: string;
  readonly devices: number;
  readonly costPerHour: number | null;
  /** Of the load that one device of the plan's layout serves, what it serves more; 0.1 is 10 %. */
  readonly moreLoadPerDevice: number;
}

/** A quarter more. */
const step = 1.25;

export function reliefsOf(question: PlanQuestion, best: Candidate): Relief[] {
  const { objectives } = question;
  const { formats, layout } = best.planned;
  const narrowed: PlanQuestion = {
    ...question,
    machines: [best.machine],
    weights: [formats.weights],
    kvCaches: [formats.kvCache],
    separatePrefill: best.prefill === null ? "never" : "always",
    limits: { ...question.limits, devices: Math.max(layout.devices, best.prefill?.planned.layout.devices ?? 1) },
  };
  const own = Math.max(...searchFleets(narrowed, false).candidates.map(perDevice), perDevice(best));
  const changed = (what: string, of: Partial<PlanQuestion>): Relief | null => {
    const found = searchFleets({ ...narrowed, ...of }, false).candidates;
    const first = found[0];
    if (first === undefined) return null;
    const most = Math.max(...found.map(perDevice));
    return {
      ...{ what, change: "+25 %", devices: first.devices, costPerHour: first.costPerHour },
      moreLoadPerDevice: most / own - 1,
    };
  };
  const machine = (scale: (hardware: Hardware) => Hardware): Partial<PlanQuestion> => {
    return { machines: [{ ...best.machine, hardware: scale(best.machine.hardware) }] };
  };
  const objective = (of: Partial<Objectives>): Partial<PlanQuestion> => {
    return { objectives: { ...objectives, ...of } };
  };
  const longer = (seconds: number | null): number | null => (seconds === null ? null : seconds * step);
  const { ttftSeconds, tpotSeconds, endToEndSeconds } = objectives;
  const reliefs = [
    changed(
      "memory capacity",
      machine((of) => ({ ...of, memoryCapacityBytes: of.memoryCapacityBytes * step })),
    ),
    changed(
      "memory bandwidth",
      machine((of) => scaledHardware(of, { bandwidth: step })),
    ),
    changed(
      "arithmetic",
      machine((of) => scaledHardware(of, { flops: step })),
    ),
    best.machine.hardware.link === null || layout.devices === 1
      ? null
      : changed(
          "link",
          machine((of) => scaledHardware(of, { link: step })),
        ),
    ttftSeconds === null ? null : changed("TTFT objective", objective({ ttftSeconds: longer(ttftSeconds) })),
    tpotSeconds === null ? null : changed("TPOT objective", objective({ tpotSeconds: longer(tpotSeconds) })),
    endToEndSeconds === null
      ? null
      : changed("end-to-end objective", objective({ endToEndSeconds: longer(endToEndSeconds) })),
  ];
  return reliefs.filter((each) => each !== null);
}

/** The load that a device serves within the objectives, whether or not it is asked to. */
function perDevice({ replicaAmount, planned, prefill, requestsPerSecond, devices }: Candidate): number {
  return prefill === null ? replicaAmount / planned.layout.devices : requestsPerSecond / devices;
}
