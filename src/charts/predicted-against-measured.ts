/** Predicted against measured times, both logarithmic, with the line on which they agree and 10 % either way. */
import { logDomain, logTicks, unitLabelExpr, unitNames } from "./axis-units.ts";
import { type ChartSpec, type ChartTitle, chartSpec, inOrder } from "./chart-spec.ts";
import { drawnPoints, type ErrorPoint, errorPercentOf } from "./error-point.ts";
import type { JsonObject } from "./json.ts";
import { plotSize, seriesColour, seriesShape } from "./series-legend.ts";

export interface PredictedAgainstMeasuredInput extends ChartTitle {
  readonly rows: readonly ErrorPoint[];
}

/** @throws InvalidInput for no rows or a time that is not a positive number */
export function predictedAgainstMeasuredChart(input: PredictedAgainstMeasuredInput): ChartSpec {
  const { drawn, notes } = drawnPoints(input.rows);
  const series = inOrder(drawn.map((row) => row.series));
  // One domain for both axes, so that agreement is the diagonal.
  const domain = logDomain(drawn.flatMap((row) => [row.measuredSeconds, row.predictedSeconds]));
  const [low, high] = domain;
  const unit = unitNames("seconds", logTicks(low, high));
  const axis = (field: string, name: string): JsonObject => ({
    field,
    type: "quantitative",
    title: `${name} time (${unit})`,
    scale: { type: "log", domain, nice: false },
    axis: { values: logTicks(low, high), labelExpr: unitLabelExpr("seconds") },
  });
  const encoding = { x: axis("measuredSeconds", "Measured"), y: axis("predictedSeconds", "Predicted") };
  const line = (ratio: number, style: string): JsonObject => ({
    data: {
      values: [
        { measuredSeconds: low * Math.max(1, 1 / ratio), predictedSeconds: low * Math.max(1, ratio) },
        { measuredSeconds: high * Math.min(1, 1 / ratio), predictedSeconds: high * Math.min(1, ratio) },
      ].map(rounded),
    },
    mark: { type: "line", style, strokeWidth: 1 },
    encoding,
  });
  return chartSpec({
    ...input,
    chart: "predicted-against-measured",
    description: `Points: predicted against measured time, both logarithmic, for ${series.join(", ")}`,
    notes: ["line: predicted = measured; dashed: 10 % either way; below: predicted faster than measured", ...notes],
    columns: [
      { field: "series", title: "Series" },
      { field: "label", title: "Row" },
      { field: "measuredSeconds", title: "Measured (s)" },
      { field: "predictedSeconds", title: "Predicted (s)" },
      { field: "errorPercent", title: "Error (%)" },
    ],
    rows: drawn.map((row) => ({
      series: row.series,
      label: row.label,
      measuredSeconds: row.measuredSeconds,
      predictedSeconds: row.predictedSeconds,
      errorPercent: errorPercentOf(row),
    })),
    view: {
      ...plotSize(380),
      layer: [
        line(1, "roof"),
        line(1.1, "ridge"),
        line(0.9, "ridge"),
        {
          mark: { type: "point", filled: true, size: 28, opacity: 0.7 },
          encoding: { ...encoding, color: seriesColour(series), shape: seriesShape(series) },
        },
      ],
    },
  });
}

function rounded(point: { measuredSeconds: number; predictedSeconds: number }): JsonObject {
  const digits = (value: number): number => Number(value.toPrecision(6));
  return { measuredSeconds: digits(point.measuredSeconds), predictedSeconds: digits(point.predictedSeconds) };
}
