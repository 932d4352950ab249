/** How many times faster a variant's step is than the baseline's, a cell for each batch and context, a panel a variant. */
import { tokensText } from "./axis-units.ts";
import { type ChartSpec, type ChartTitle, chartSpec, inOrder } from "./chart-spec.ts";
import { requirePositive } from "./drawable.ts";
import type { JsonObject } from "./json.ts";
import { textWidth } from "./text-width.ts";
import { chartPaddingPx, chartWidthPx, textFontPx } from "./theme.ts";

export interface SpeedupRow {
  /** The variant that is set against the baseline. */
  readonly series: string;
  readonly batch: number;
  readonly context: number;
  /** Baseline seconds / variant seconds; where the baseline does not fit, with the time it would take if it did. */
  readonly speedup: number | null;
  /** Whether the variant fits in memory; where it does not, no number is shown. */
  readonly fits: boolean;
  readonly baselineFits: boolean;
}

export interface SpeedupHeatmapInput extends ChartTitle {
  /** The variant that all are set against. */
  readonly baseline: string;
  readonly rows: readonly SpeedupRow[];
}

/** @throws InvalidInput for no rows, or a speed-up, batch or context that is not a positive number */
export function speedupHeatmapChart(input: SpeedupHeatmapInput): ChartSpec {
  const shown: number[] = [];
  for (const [index, row] of input.rows.entries()) {
    requirePositive(`rows[${index}].batch`, row.batch);
    requirePositive(`rows[${index}].context`, row.context);
    if (row.fits && row.speedup !== null) {
      requirePositive(`rows[${index}].speedup`, row.speedup);
      shown.push(row.speedup);
    }
  }
  const low = Math.min(1, ...shown);
  const high = Math.max(2, ...shown);
  const middle = Math.sqrt(low * high);
  const series = inOrder(input.rows.map((row) => row.series));
  const contexts = inOrder(input.rows.map((row) => row.context)).sort((a, b) => a - b);
  const batches = inOrder(input.rows.map((row) => row.batch)).sort((a, b) => b - a);
  const rows = input.rows.map((row): JsonObject => {
    const speedup = row.fits ? row.speedup : null;
    const cell = speedup === null ? "none" : speedup < middle ? "dark" : "light";
    return {
      series: row.series,
      batch: row.batch,
      context: row.context,
      batchText: tokensText(row.batch),
      contextText: tokensText(row.context),
      speedup,
      fits: row.fits,
      baselineFits: row.baselineFits,
      label: speedup === null ? "–" : `${ratioText(speedup)}${row.baselineFits ? "" : "*"}`,
      cell,
    };
  });
  const perRow = series.length > 1 && contexts.length <= 8 ? 2 : 1;
  const batchLabelsPx = Math.max(...batches.map((batch) => textWidth(tokensText(batch), textFontPx)));
  const facetWidthPx = (chartWidthPx - 2 * chartPaddingPx - batchLabelsPx - 36 - (perRow - 1) * 18) / perRow;
  // At least as high as the axis title beside it.
  const cellHeightPx = Math.max(24, Math.ceil(112 / batches.length));
  const gradientTicks = legendTicks(low, high);
  const notes = [
    ...(rows.some((row) => row.cell === "none") ? ["–  does not fit in memory"] : []),
    ...(rows.some((row) => row.cell !== "none" && row.baselineFits === false)
      ? [`*  ${input.baseline} does not fit: against the time it would take if it did`]
      : []),
  ];
  const where = (cells: string) => [{ filter: cells }];
  return chartSpec({
    ...input,
    chart: "speedup-heatmap",
    description: `Heat map: times as fast as ${input.baseline} for each batch (up) and context (across), a panel each for ${series.join(", ")}`,
    notes,
    columns: [
      { field: "series", title: "Series" },
      { field: "batch", title: "Batch (requests)" },
      { field: "context", title: "Context (tokens a sequence)" },
      { field: "speedup", title: `Times as fast as ${input.baseline}` },
      { field: "fits", title: "Fits in memory" },
      { field: "baselineFits", title: `${input.baseline} fits in memory` },
    ],
    rows,
    view: {
      facet: {
        field: "series",
        type: "nominal",
        sort: series,
        title: null,
        header: { labelAnchor: "start", labelPadding: 4 },
      },
      columns: perRow,
      spacing: { row: 14, column: 18 },
      spec: {
        width: Math.floor(facetWidthPx),
        height: cellHeightPx * batches.length,
        encoding: {
          x: {
            field: "contextText",
            type: "ordinal",
            sort: contexts.map(tokensText),
            title: "Context (tokens a sequence)",
            axis: { labelAngle: 0, ticks: false, domain: false, labelOverlap: "greedy" },
          },
          y: {
            field: "batchText",
            type: "ordinal",
            sort: batches.map(tokensText),
            title: "Batch (requests)",
            axis: { ticks: false, domain: false },
          },
        },
        layer: [
          { transform: where("datum.cell === 'none'"), mark: { type: "rect", style: "no-fit-cell" } },
          {
            transform: where("datum.cell !== 'none'"),
            mark: { type: "rect" },
            encoding: {
              color: {
                field: "speedup",
                type: "quantitative",
                scale: { type: "log", scheme: "cividis", domain: [low, high], nice: false },
                legend: {
                  title: `Times as fast as ${input.baseline}`,
                  values: gradientTicks,
                  labelExpr: "format(datum.value, '.3~g') + '×'",
                  gradientLength: 300,
                  gradientThickness: 12,
                  direction: "horizontal",
                },
              },
            },
          },
          textLayer("none", "no-fit-text"),
          textLayer("dark", "on-dark"),
          textLayer("light", "on-light"),
        ],
      },
    },
  });
}

function textLayer(cell: string, style: string): JsonObject {
  return {
    transform: [{ filter: `datum.cell === '${cell}'` }],
    mark: { type: "text", style, baseline: "middle", fontSize: textFontPx },
    encoding: { text: { field: "label", type: "nominal" } },
  };
}

/** Two decimals under 10, one under 100: a speed-up of 1.04 is not 1. */
function ratioText(ratio: number): string {
  return ratio < 9.995 ? ratio.toFixed(2) : ratio < 99.95 ? ratio.toFixed(1) : String(Math.round(ratio));
}

/** Few enough for the colour bar: 1, 2, 5 and so on, or eighths of the range where all is within a factor of two. */
function legendTicks(low: number, high: number): number[] {
  const ticks = [1, 2, 5].flatMap((digit) => [0.01, 0.1, 1, 10, 100, 1000].map((scale) => digit * scale));
  const inside = ticks.filter((tick) => tick >= low * 0.999 && tick <= high * 1.001).sort((a, b) => a - b);
  return inside.length <= 2 ? [1, 1.25, 1.5, 2, 3, 4].filter((tick) => tick >= low && tick <= high) : inside;
}
