/**
 * Halves of an engine's runs: its machines in the order of their bandwidth, dealt alternately, so that both halves have slow and
 * fast ones; of one machine alone, its models in the order of their parameters. Fitting and testing never share a machine (a model).
 */
import { countParameters } from "../../architecture/weights.ts";
import type { CountedRun } from "./run-sample.ts";

/** The half, 0 or 1, of each run. */
export function halves(runs: readonly CountedRun[]): number[] {
  const first = runs[0];
  if (first === undefined) return [];
  const byMachine = first.run.engine.halvesBy === "machine";
  const size = new Map<string, number>();
  const nameOf = ({ run }: CountedRun): string => (byMachine ? run.hardware.id : run.model.id);
  for (const counted of runs) {
    const { hardware, model } = counted.run;
    const of = byMachine ? hardware.memoryBandwidthBytesPerSecond : countParameters(model).total;
    size.set(nameOf(counted), of);
  }
  const order = [...size].sort(([a, sizeA], [b, sizeB]) => sizeA - sizeB || (a < b ? -1 : 1)).map(([name]) => name);
  return runs.map((counted) => order.indexOf(nameOf(counted)) % 2);
}
