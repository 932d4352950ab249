/**
 * Step time against one axis in powers of two, a line a series. A point that does not fit in memory is hollow and the
 * line to it dashed: its time is what the step would take if it fitted.
 */
import { logDomain, logTicks, thinned, tokensLabelExpr, unitLabelExpr, unitNames } from "./axis-units.ts";
import { type ChartSpec, type ChartTitle, chartSpec, inOrder } from "./chart-spec.ts";
import { requirePositive } from "./drawable.ts";
import type { JsonObject } from "./json.ts";
import { plotSize, seriesColour, seriesShape } from "./series-legend.ts";

export interface StepTimePoint {
  readonly series: string;
  readonly x: number;
  /** Where `fits` is false, the time it would take if it fitted. */
  readonly stepSeconds: number;
  readonly fits: boolean;
}

export interface StepTimeLines extends ChartTitle {
  readonly chart: string;
  readonly field: "context" | "batch";
  readonly xTitle: string;
  readonly points: readonly StepTimePoint[];
}

const fitsLabel = "fits in memory";
const noFitLabel = "does not fit: time if it did";

/** @throws InvalidInput for no rows, or a time or position that is not a positive number */
export function stepTimeLines(input: StepTimeLines): ChartSpec {
  const { field, points } = input;
  for (const [index, point] of points.entries()) {
    requirePositive(`rows[${index}].${field}`, point.x);
    requirePositive(`rows[${index}].stepSeconds`, point.stepSeconds);
  }
  const series = inOrder(points.map((point) => point.series));
  const rows = points.map(
    (point): JsonObject => ({
      series: point.series,
      [field]: point.x,
      stepSeconds: point.stepSeconds,
      memory: point.fits ? fitsLabel : noFitLabel,
    }),
  );
  const [low, high] = logDomain(points.map((point) => point.stepSeconds));
  const allFit = points.every((point) => point.fits);
  const positions = points.map((point) => point.x);
  const [first, last] = [Math.min(...positions), Math.max(...positions)];
  const pieces = segments(input);
  const x = {
    field,
    type: "quantitative",
    title: input.xTitle,
    scale: { type: "log", base: 2, domain: first < last ? [first, last] : [first / 2, first * 2], nice: false },
    axis: {
      values: thinned(positions, 12),
      labelExpr: tokensLabelExpr,
      grid: false,
      labelOverlap: "greedy",
    },
  };
  const y = {
    field: "stepSeconds",
    type: "quantitative",
    title: `Step time (${unitNames("seconds", logTicks(low, high))})`,
    scale: { type: "log", domain: [low, high], nice: false },
    axis: { values: logTicks(low, high), labelExpr: unitLabelExpr("seconds") },
  };
  const memoryDomain = [fitsLabel, noFitLabel];
  return chartSpec({
    ...input,
    description: `Lines: step time against ${input.xTitle.toLowerCase()}, both logarithmic, one line each for ${series.join(", ")}`,
    columns: [
      { field: "series", title: "Series" },
      { field, title: input.xTitle },
      { field: "stepSeconds", title: "Step time (s)" },
      { field: "memory", title: "Memory" },
    ],
    rows,
    notes: allFit || pieces.some((row) => row.memory === noFitLabel) ? [] : [`hollow: ${noFitLabel}`],
    view: {
      ...plotSize(320),
      encoding: { x, y, color: seriesColour(series) },
      layer: [
        ...(pieces.length === 0
          ? []
          : [
              {
                data: { values: pieces },
                mark: { type: "line", strokeCap: "round" },
                encoding: {
                  detail: { field: "segment", type: "nominal" },
                  strokeDash: {
                    field: "memory",
                    type: "nominal",
                    scale: {
                      domain: memoryDomain,
                      range: [
                        [1, 0],
                        [4, 4],
                      ],
                    },
                    legend: allFit ? null : { title: null, columns: 2, symbolType: "stroke", symbolSize: 300 },
                  },
                },
              },
            ]),
        {
          transform: [{ filter: `datum.memory === '${fitsLabel}'` }],
          mark: { type: "point", filled: true, size: 50, opacity: 1 },
          encoding: { shape: seriesShape(series) },
        },
        ...(allFit
          ? []
          : [
              {
                transform: [{ filter: `datum.memory === '${noFitLabel}'` }],
                mark: { type: "point", filled: false, size: 50, opacity: 1 },
                encoding: { shape: seriesShape(series) },
              },
            ]),
      ],
    },
  });
}

/** Line pieces between neighbours; one that ends where memory does not suffice is dashed. */
function segments({ points, field }: StepTimeLines): JsonObject[] {
  const rows: JsonObject[] = [];
  for (const [index, series] of inOrder(points.map((point) => point.series)).entries()) {
    const line = points.filter((point) => point.series === series).sort((a, b) => a.x - b.x);
    let piece = 0;
    for (const [position, point] of line.entries()) {
      const next = line[position + 1];
      const before = line[position - 1];
      const row = (fits: boolean): JsonObject => ({
        series,
        [field]: point.x,
        stepSeconds: point.stepSeconds,
        segment: `${index}.${piece}`,
        memory: fits ? fitsLabel : noFitLabel,
      });
      const arriving = before === undefined ? undefined : before.fits && point.fits;
      const leaving = next === undefined ? undefined : next.fits && point.fits;
      if (arriving !== undefined) rows.push(row(arriving));
      if (leaving !== undefined && leaving !== arriving) {
        if (arriving !== undefined) piece++;
        rows.push(row(leaving));
      }
    }
  }
  return rows;
}
