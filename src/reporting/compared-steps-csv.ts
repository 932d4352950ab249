/** Compared steps as CSV, in the names of the contract with underscores for dots, as `ridgepoint compare --csv` has them. */
import type { ComparedStep } from "../analysis/compare-variants.ts";
import { csvRows } from "./csv-text.ts";

const columns: readonly (readonly [name: string, value: (row: ComparedStep) => unknown])[] = [
  ["model", (row) => row.model],
  ["hardware", (row) => row.hardware],
  ["devices", (row) => row.parallelism.devices],
  ["batch", (row) => row.batch],
  ["context", (row) => row.context],
  ["attention", (row) => row.attention],
  ["totals_flops", (row) => row.totals.flops],
  ["totals_matmulFlops", (row) => row.totals.matmulFlops],
  ["totals_bytes", (row) => row.totals.bytes],
  ["totals_weightBytes", (row) => row.totals.weightBytes],
  ["totals_kvBytes", (row) => row.totals.kvBytes],
  ["totals_activationBytes", (row) => row.totals.activationBytes],
  ["arithmeticIntensity", (row) => row.arithmeticIntensity],
  ["bound", (row) => row.bound],
  ["seconds", (row) => row.seconds],
  ["secondsIfItFitted", (row) => row.secondsIfItFitted],
  ["lowerBoundSeconds", (row) => row.lowerBoundSeconds],
  ["tokensPerSecond", (row) => row.tokensPerSecond],
  ["speedup", (row) => row.speedup],
  ["largestBatch", (row) => row.largestBatch],
  ["fits", (row) => row.fits],
  ["footprint_bytes", (row) => row.footprint.bytes],
  ["capacityBytes", (row) => row.capacityBytes],
];

export function comparedStepsCsv(rows: readonly ComparedStep[]): string {
  return csvRows(
    columns.map(([name]) => name),
    rows.map((row) => columns.map(([, value]) => value(row))),
  );
}
