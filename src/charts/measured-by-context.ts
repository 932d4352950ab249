/**
 * Measured step times against context with what was predicted: points with their range, and lines. The time starts at 0, so
 * that a line as high at its end as at its start is level to the eye: what a longer cache costs is what it rises.
 */
import { thinned, tokensLabelExpr, unitLabelExpr, unitText } from "./axis-units.ts";
import { type ChartSpec, type ChartTitle, chartSpec, inOrder } from "./chart-spec.ts";
import { requirePositive } from "./drawable.ts";
import type { JsonObject } from "./json.ts";
import { plotSize, seriesColour, seriesShape } from "./series-legend.ts";

export interface MeasuredByContextRow {
  /** Usually the attention variant. */
  readonly series: string;
  /** Tokens a sequence whose keys and values the step reads. */
  readonly context: number;
  readonly predictedSeconds: number;
  /** Null where it was predicted alone. */
  readonly measured: { readonly seconds: number; readonly lowSeconds: number; readonly highSeconds: number } | null;
}

export interface MeasuredByContextInput extends ChartTitle {
  readonly rows: readonly MeasuredByContextRow[];
}

/** @throws InvalidInput for no rows, or a context or time that is not a positive number */
export function measuredByContextChart(input: MeasuredByContextInput): ChartSpec {
  const rows = input.rows.map((row, index): JsonObject => {
    requirePositive(`rows[${index}].context`, row.context);
    requirePositive(`rows[${index}].predictedSeconds`, row.predictedSeconds);
    const { series, context, predictedSeconds, measured } = row;
    if (measured === null) return { series, context, predictedSeconds };
    requirePositive(`rows[${index}].measured.seconds`, measured.seconds);
    const { seconds, lowSeconds, highSeconds } = measured;
    return { series, context, predictedSeconds, measuredSeconds: seconds, lowSeconds, highSeconds };
  });
  const series = inOrder(input.rows.map((row) => row.series));
  const contexts = input.rows.map((row) => row.context);
  const last = Math.max(...contexts);
  const marked = input.rows.flatMap((row) => (row.measured === null ? [] : [row.context]));
  const highest = Math.max(
    ...input.rows.flatMap((row) => [row.predictedSeconds, row.measured?.highSeconds ?? row.predictedSeconds]),
  );
  const x = {
    field: "context",
    type: "quantitative",
    title: "Context (tokens a sequence)",
    scale: { type: "linear", domain: [0, last], nice: false },
    axis: { values: thinned(marked.length > 0 ? marked : contexts, 8), labelExpr: tokensLabelExpr, grid: false },
  };
  const y = (field: string): JsonObject => ({
    field,
    type: "quantitative",
    title: `Step time (${unitText("seconds", highest).replace(/^\S+ /, "")})`,
    scale: { domain: [0, 1.05 * highest], nice: false },
    axis: { tickCount: 6, labelExpr: unitLabelExpr("seconds") },
  });
  const onlyMeasured = [{ filter: "isValid(datum.measuredSeconds)" }];
  return chartSpec({
    ...input,
    chart: "measured-by-context",
    description: `Points: measured step time against context; lines: predicted; for ${series.join(", ")}`,
    notes: ["points: measured, with the least and largest sample; lines: predicted"],
    columns: [
      { field: "series", title: "Series" },
      { field: "context", title: "Context (tokens a sequence)" },
      { field: "measuredSeconds", title: "Measured (s)" },
      { field: "lowSeconds", title: "Least (s)" },
      { field: "highSeconds", title: "Largest (s)" },
      { field: "predictedSeconds", title: "Predicted (s)" },
    ],
    rows,
    view: {
      ...plotSize(320),
      encoding: { x, color: seriesColour(series) },
      layer: [
        { mark: { type: "line", strokeCap: "round" }, encoding: { y: y("predictedSeconds") } },
        {
          transform: onlyMeasured,
          mark: { type: "rule", strokeWidth: 2 },
          encoding: { y: y("lowSeconds"), y2: { field: "highSeconds" } },
        },
        {
          transform: onlyMeasured,
          mark: { type: "point", filled: true, size: 60, opacity: 1 },
          encoding: { y: y("measuredSeconds"), shape: seriesShape(series) },
        },
      ],
    },
  });
}
