/** The error of predictions by the bytes that a call moves: median and 90th percentile of each decade, a line a series. */
import { unitLabelExpr, unitNames } from "./axis-units.ts";
import { type ChartSpec, type ChartTitle, chartSpec, inOrder } from "./chart-spec.ts";
import { requirePositive } from "./drawable.ts";
import { plotSize, seriesColour, seriesShape } from "./series-legend.ts";

export interface ErrorBySizeRow {
  readonly series: string;
  /** Calls of this many bytes to ten times as many. */
  readonly fromBytes: number;
  readonly measurements: number;
  /** In per cent, without sign. */
  readonly medianPercent: number;
  readonly percentile90: number;
}

export interface ErrorBySizeInput extends ChartTitle {
  readonly rows: readonly ErrorBySizeRow[];
}

/** @throws InvalidInput for no rows, or a figure that is not a positive number */
export function errorBySizeChart(input: ErrorBySizeInput): ChartSpec {
  const rows = input.rows.map((row, index) => {
    for (const field of ["fromBytes", "measurements", "medianPercent", "percentile90"] as const) {
      requirePositive(`rows[${index}].${field}`, row[field]);
    }
    const digits = (value: number): number => Number(value.toPrecision(4));
    return {
      series: row.series,
      fromBytes: row.fromBytes,
      middleBytes: digits(row.fromBytes * Math.sqrt(10)),
      measurements: row.measurements,
      medianPercent: digits(row.medianPercent),
      percentile90: digits(row.percentile90),
    };
  });
  const series = inOrder(rows.map((row) => row.series));
  const decades = inOrder(rows.map((row) => row.fromBytes)).sort((a, b) => a - b);
  const [low, high] = [decades[0] ?? 1, 10 * (decades.at(-1) ?? 1)];
  const ticks = [...decades, high];
  const x = {
    field: "middleBytes",
    type: "quantitative",
    title: `Bytes that a call moves, by decade (${unitNames("bytes", ticks)})`,
    scale: { type: "log", domain: [low, high], nice: false },
    axis: { values: ticks, labelExpr: unitLabelExpr("bytes") },
  };
  const y = {
    type: "quantitative",
    title: "Error without its sign (%)",
    scale: { zero: true, nice: true },
    axis: { tickCount: 6 },
  };
  const colour = seriesColour(series);
  return chartSpec({
    ...input,
    chart: "error-by-size",
    description: `Lines: median and 90th percentile of the error in per cent against bytes moved, by decade, for ${series.join(", ")}`,
    notes: ["line: median; dashed: nine rows of ten are nearer"],
    columns: [
      { field: "series", title: "Series" },
      { field: "fromBytes", title: "From (bytes), to ten times as many" },
      { field: "measurements", title: "Rows" },
      { field: "medianPercent", title: "Median error (%)" },
      { field: "percentile90", title: "90th percentile (%)" },
    ],
    rows,
    view: {
      ...plotSize(300),
      layer: [
        {
          mark: { type: "line", strokeDash: [4, 4], strokeWidth: 1.5 },
          encoding: { x, y: { ...y, field: "percentile90" }, color: colour },
        },
        { mark: { type: "line" }, encoding: { x, y: { ...y, field: "medianPercent" }, color: colour } },
        {
          mark: { type: "point", filled: true, size: 50, opacity: 1 },
          encoding: { x, y: { ...y, field: "medianPercent" }, color: colour, shape: seriesShape(series) },
        },
      ],
    },
  });
}
