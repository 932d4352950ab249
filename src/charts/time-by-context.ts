/** Step time against context: where the lines part, the cache has begun to cost more than the weights. */
import type { ChartSpec, ChartTitle } from "./chart-spec.ts";
import { stepTimeLines } from "./step-time-lines.ts";

export interface TimeByContextRow {
  /** What a line stands for, usually the attention variant. */
  readonly series: string;
  /** Tokens a sequence whose keys and values the step reads. */
  readonly context: number;
  /** Where `fits` is false, the time it would take if it fitted. */
  readonly stepSeconds: number;
  readonly fits: boolean;
}

export interface TimeByContextInput extends ChartTitle {
  readonly rows: readonly TimeByContextRow[];
}

/** @throws InvalidInput for no rows, or a context or time that is not a positive number */
export function timeByContextChart(input: TimeByContextInput): ChartSpec {
  return stepTimeLines({
    ...input,
    chart: "time-by-context",
    field: "context",
    xTitle: "Context (tokens a sequence)",
    points: input.rows.map(({ context, ...row }) => ({ ...row, x: context })),
  });
}
