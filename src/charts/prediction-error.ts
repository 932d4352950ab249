/** The error of each prediction in per cent of the measured time, against that time. */
import { logDomain, logTicks, unitLabelExpr, unitNames } from "./axis-units.ts";
import { type ChartSpec, type ChartTitle, chartSpec, inOrder } from "./chart-spec.ts";
import { drawnPoints, type ErrorPoint, errorPercentOf } from "./error-point.ts";
import { plotSize, seriesColour, seriesShape } from "./series-legend.ts";

export interface PredictionErrorInput extends ChartTitle {
  readonly rows: readonly ErrorPoint[];
}

/** Errors beyond this are drawn at the edge: a time too short by −100 % has no like on the other side. */
const edgePercent = 200;

/** @throws InvalidInput for no rows or a time that is not a positive number */
export function predictionErrorChart(input: PredictionErrorInput): ChartSpec {
  const { drawn, notes } = drawnPoints(input.rows);
  const series = inOrder(drawn.map((row) => row.series));
  const [low, high] = logDomain(drawn.map((row) => row.measuredSeconds));
  const errors = drawn.map(errorPercentOf);
  const beyond = errors.filter((error) => error > edgePercent).length;
  const lowest = Math.min(-20, Math.max(-100, 10 * Math.floor(Math.min(...errors) / 10)));
  const highest = Math.max(20, Math.min(edgePercent, 10 * Math.ceil(Math.max(...errors) / 10)));
  const y = {
    type: "quantitative",
    title: "Error of the prediction (%)",
    scale: { domain: [lowest, highest], nice: false, zero: false },
    axis: { tickCount: 8 },
  };
  const rule = (values: readonly number[], style: string) => ({
    data: { values: values.map((error) => ({ error })) },
    mark: { type: "rule", style },
    encoding: { y: { ...y, field: "error" } },
  });
  return chartSpec({
    ...input,
    chart: "prediction-error",
    description: `Points: error of the prediction in per cent against the measured time, logarithmic, for ${series.join(", ")}`,
    notes: [
      "dashed: 10 % either way; below 0: predicted faster than measured",
      ...(beyond > 0 ? [`drawn at the edge: ${beyond} beyond +${edgePercent} %`] : []),
      ...notes,
    ],
    columns: [
      { field: "series", title: "Series" },
      { field: "label", title: "Row" },
      { field: "measuredSeconds", title: "Measured (s)" },
      { field: "errorPercent", title: "Error (%)" },
    ],
    rows: drawn.map((row, index) => ({
      series: row.series,
      label: row.label,
      measuredSeconds: row.measuredSeconds,
      errorPercent: errors[index] ?? 0,
    })),
    view: {
      ...plotSize(300),
      layer: [
        rule([0], "roof"),
        rule([-10, 10], "ridge"),
        {
          transform: [{ calculate: `min(datum.errorPercent, ${edgePercent})`, as: "error" }],
          mark: { type: "point", filled: true, size: 28, opacity: 0.7 },
          encoding: {
            x: {
              field: "measuredSeconds",
              type: "quantitative",
              title: `Measured time (${unitNames("seconds", logTicks(low, high))})`,
              scale: { type: "log", domain: [low, high], nice: false },
              axis: { values: logTicks(low, high), labelExpr: unitLabelExpr("seconds") },
            },
            y: { ...y, field: "error" },
            color: seriesColour(series),
            shape: seriesShape(series),
          },
        },
      ],
    },
  });
}
