/**
 * Measured kernels as what a fit needs of them: family, ideal seconds of bytes and of FLOPs, measured seconds. They are counted
 * by the same plans and levels of memory as every prediction: a timing model that only looks stands in the timing's place.
 */
import type { Hardware } from "../hardware/hardware.ts";
import type { MeasurementRow } from "../measurement/measurement-row.ts";
import type { ComputeFormat } from "../quantity/number-format.ts";
import { type KernelFamily, operationFamilies } from "../timing/kernel-family.ts";
import { emptyKernelWork, kernelCeilings } from "../timing/kernel-work.ts";
import { roofline } from "../timing/roofline.ts";
import type { TimingModel } from "../timing/timing-model.ts";
import type { KernelSample } from "./fit-family.ts";
import { rowPredictor } from "./predict-row.ts";
import { rowFormats } from "./row-formats.ts";

export interface FamilySample extends KernelSample {
  /** From the most specific to the most general. */
  readonly families: readonly KernelFamily[];
  /** What the row says that it multiplies in, where that counts. */
  readonly multiplies: ComputeFormat | null;
}

/** The sample of each row that is of one kernel; rows of whole steps have none and are left out. */
export function kernelSamples(rows: readonly MeasurementRow[], hardware: Hardware, table = "rows"): FamilySample[] {
  let seen: Omit<FamilySample, "measuredSeconds" | "multiplies"> | null = null;
  const watching = (machine: Hardware): TimingModel => ({
    ...roofline(machine),
    bind(plan) {
      const ceilings = kernelCeilings(machine, plan);
      const work = emptyKernelWork(plan);
      const timer = roofline(machine).bind(plan);
      return {
        ...timer,
        time(tape, into) {
          ceilings.work(tape, work);
          const { one, several, isSeveral } = operationFamilies(plan.operations[0]!, plan);
          const [memorySeconds, computeSeconds] = [work.memorySeconds[0]!, work.computeSeconds[0]!];
          seen = { families: isSeveral(tape.point) ? several : one, memorySeconds, computeSeconds };
          return timer.time(tape, into);
        },
      };
    },
  });
  const predict = rowPredictor(hardware, watching);
  return rows.flatMap((row) => {
    if (row.kind === "steps" || row.kind === "engine") return [];
    predict(row, table);
    const multiplies = rowFormats(row, hardware, table).multiplies ?? null;
    return seen === null ? [] : [{ ...seen, multiplies, measuredSeconds: row.seconds }];
  });
}
