/** Weights and cache against capacity: the line of a variant crosses the limit where it stops to fit. */
import { logDomain, logTicks, thinned, tokensLabelExpr, unitLabelExpr, unitNames, unitText } from "./axis-units.ts";
import { type ChartSpec, type ChartTitle, chartSpec, inOrder } from "./chart-spec.ts";
import { requirePositive } from "./drawable.ts";
import type { JsonObject } from "./json.ts";
import { plotSize, seriesColour, seriesShape } from "./series-legend.ts";

export interface MemoryRow {
  readonly series: string;
  /** Tokens a sequence, or requests: whatever `by` says. */
  readonly at: number;
  readonly weightBytes: number;
  readonly cacheBytes: number;
}

export interface MemoryByContextInput extends ChartTitle {
  readonly by: "context" | "batch";
  readonly capacityBytes: number;
  readonly rows: readonly MemoryRow[];
}

const xTitles = { context: "Context (tokens a sequence)", batch: "Batch (requests)" } as const;

/** @throws InvalidInput for no rows, or an amount of memory that is not a positive number */
export function memoryByContextChart(input: MemoryByContextInput): ChartSpec {
  requirePositive("capacityBytes", input.capacityBytes);
  const { by, capacityBytes } = input;
  const rows = input.rows.map((row, index): JsonObject & { totalBytes: number } => {
    requirePositive(`rows[${index}].${by}`, row.at);
    requirePositive(`rows[${index}].weightBytes`, row.weightBytes);
    requirePositive(`rows[${index}].cacheBytes`, row.cacheBytes);
    const totalBytes = row.weightBytes + row.cacheBytes;
    return {
      series: row.series,
      [by]: row.at,
      weightBytes: row.weightBytes,
      cacheBytes: row.cacheBytes,
      totalBytes,
      fits: totalBytes <= capacityBytes,
    };
  });
  const series = inOrder(input.rows.map((row) => row.series));
  const weights = input.rows.map((row) => row.weightBytes);
  const [leastWeights, mostWeights] = [Math.min(...weights), Math.max(...weights)];
  const [low, high] = logDomain([leastWeights * 0.8, ...rows.map((row) => row.totalBytes), capacityBytes * 1.4]);
  const positions = input.rows.map((row) => row.at);
  const [first, last] = [Math.min(...positions), Math.max(...positions)];
  const weightsText =
    unitText("bytes", leastWeights) === unitText("bytes", mostWeights)
      ? `weights ${unitText("bytes", mostWeights)}`
      : `weights ${unitText("bytes", leastWeights)} to ${unitText("bytes", mostWeights)}`;
  const y = { type: "quantitative", scale: { type: "log", domain: [low, high], nice: false } };
  const limit = { ...y, datum: capacityBytes };
  const capacityText = `capacity ${unitText("bytes", capacityBytes)}`;
  const label = (style: string, text: string, bytes: number, dy: number) => ({
    data: { values: [{ label: text }] },
    mark: { type: "text", style, align: "left", x: 6, dy, baseline: "middle" },
    encoding: { y: { ...y, datum: bytes }, text: { field: "label", type: "nominal" } },
  });
  return chartSpec({
    ...input,
    chart: "memory-by-context",
    description: `Lines: weights plus cache against ${xTitles[by].toLowerCase()}, both logarithmic, with the ${capacityText} as a limit, one line each for ${series.join(", ")}`,
    columns: [
      { field: "series", title: "Series" },
      { field: by, title: xTitles[by] },
      { field: "weightBytes", title: "Weights (B)" },
      { field: "cacheBytes", title: "Cache (B)" },
      { field: "totalBytes", title: "Weights and cache (B)" },
      { field: "fits", title: "Fits" },
    ],
    rows,
    view: {
      ...plotSize(320),
      layer: [
        {
          data: { values: [{ from: capacityBytes, to: high }] },
          mark: { type: "rect", style: "limit-area" },
          encoding: { y: { ...y, field: "from" }, y2: { field: "to" } },
        },
        {
          data: { values: [{}] },
          mark: { type: "rule", style: "limit" },
          encoding: { y: limit },
        },
        {
          data: { values: inOrder(weights).map((bytes) => ({ bytes })) },
          mark: { type: "rule", style: "weights" },
          encoding: { y: { ...y, field: "bytes" } },
        },
        {
          mark: { type: "line", strokeCap: "round" },
          encoding: { ...lines(), color: seriesColour(series) },
        },
        {
          transform: [{ filter: "datum.fits" }],
          mark: { type: "point", filled: true, size: 50, opacity: 1 },
          encoding: { ...lines(), color: seriesColour(series), shape: seriesShape(series) },
        },
        {
          transform: [{ filter: "!datum.fits" }],
          mark: { type: "point", filled: false, size: 50, opacity: 1 },
          encoding: { ...lines(), color: seriesColour(series), shape: seriesShape(series) },
        },
        label("halo-bold", `${capacityText}; above it, nothing fits`, capacityBytes, -10),
        label("limit-label", `${capacityText}; above it, nothing fits`, capacityBytes, -10),
        label("halo", weightsText, leastWeights, 10),
        label("muted", weightsText, leastWeights, 10),
      ],
    },
  });

  function lines(): JsonObject {
    return {
      x: {
        field: by,
        type: "quantitative",
        title: xTitles[by],
        scale: { type: "log", base: 2, domain: first < last ? [first, last] : [first / 2, first * 2], nice: false },
        axis: { values: thinned(positions, 12), labelExpr: tokensLabelExpr, grid: false, labelOverlap: "greedy" },
      },
      y: {
        ...y,
        field: "totalBytes",
        title: `Weights and cache (${unitNames("bytes", logTicks(low, high))})`,
        axis: { values: logTicks(low, high), labelExpr: unitLabelExpr("bytes") },
      },
    };
  }
}
