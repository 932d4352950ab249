/**
 * The roofline's two sides of each operation of a row, apart: its bytes at the stated bandwidth (or over the link), its FLOPs at
 * the stated peak. They come from the roofline's own code on a machine without the other ceiling.
 */
import type { Hardware } from "../../hardware/hardware.ts";
import { withoutCaches } from "../../hardware/memory-levels.ts";
import { roofline } from "../../timing/roofline.ts";
import { emptyStepTime, type TimingModel } from "../../timing/timing-model.ts";
import { type PredictableRow, type RowPrediction, rowPredictor } from "../predict-row.ts";

/** All instances of an operation together. */
export interface OperationCeilings {
  readonly memorySeconds: number;
  readonly computeSeconds: number;
  /** Kernels that it takes, one an instance. */
  readonly kernels: number;
}

export interface RowCeilings {
  readonly operations: readonly OperationCeilings[];
  readonly prediction: RowPrediction;
}

/**
 * @throws InvalidInput from the function returned, where the roofline throws
 * @example 3.35 GB in one call at 3.35 TB/s: memorySeconds 1e-3
 */
export function rowCeilings(hardware: Hardware): (row: PredictableRow, table: string) => RowCeilings {
  let seen: OperationCeilings[] = [];
  const predict = rowPredictor(hardware, (machine) =>
    apart(machine, (operations) => {
      seen = operations;
    }),
  );
  return (row, table) => {
    const prediction = predict(row, table);
    return { operations: seen, prediction };
  };
}

/** The roofline, telling both sides of every operation that it times. */
function apart(hardware: Hardware, tell: (operations: OperationCeilings[]) => void): TimingModel {
  const peaks = Object.keys(hardware.peakFlopsPerSecond).map((format) => [format, Number.POSITIVE_INFINITY]);
  const ofBytes = roofline({ ...hardware, peakFlopsPerSecond: Object.fromEntries(peaks) });
  const link = hardware.link === null ? null : { ...hardware.link, bytesPerSecond: Number.POSITIVE_INFINITY };
  const unlimited = { memoryBandwidthBytesPerSecond: Number.POSITIVE_INFINITY, link };
  const ofFlops = roofline({ ...withoutCaches(hardware), ...unlimited });
  const both = roofline(hardware);
  return {
    ...both,
    bind(plan) {
      const [whole, bytes, flops] = [both, ofBytes, ofFlops].map((each) => each.bind(plan)) as [Timer, Timer, Timer];
      const [byteTime, flopTime] = [emptyStepTime(plan), emptyStepTime(plan)];
      return {
        boundOf: (tape, operation) => whole.boundOf(tape, operation),
        time(tape, into) {
          bytes.time(tape, byteTime);
          flops.time(tape, flopTime);
          tell(
            plan.operations.map(({ instances }, i) => ({
              memorySeconds: byteTime.operationSeconds[i]!,
              computeSeconds: flopTime.operationSeconds[i]!,
              kernels: instances,
            })),
          );
          return whole.time(tape, into);
        },
      };
    },
  };
}

type Timer = ReturnType<TimingModel["bind"]>;
