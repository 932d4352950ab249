/** Step time against batch: flat while the weights are what is read, rising with the cache, then with the arithmetic. */
import type { ChartSpec, ChartTitle } from "./chart-spec.ts";
import { stepTimeLines } from "./step-time-lines.ts";

export interface TimeByBatchRow {
  /** What a line stands for, usually the attention variant. */
  readonly series: string;
  /** Requests in the step. */
  readonly batch: number;
  /** Where `fits` is false, the time it would take if it fitted. */
  readonly stepSeconds: number;
  readonly fits: boolean;
}

export interface TimeByBatchInput extends ChartTitle {
  readonly rows: readonly TimeByBatchRow[];
}

/** @throws InvalidInput for no rows, or a batch or time that is not a positive number */
export function timeByBatchChart(input: TimeByBatchInput): ChartSpec {
  return stepTimeLines({
    ...input,
    chart: "time-by-batch",
    field: "batch",
    xTitle: "Batch (requests)",
    points: input.rows.map(({ batch, ...row }) => ({ ...row, x: batch })),
  });
}
