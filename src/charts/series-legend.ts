/** What all charts with series share: colour and shape by series, one legend under the plot that fits its width. */
import type { JsonObject } from "./json.ts";
import { textWidth } from "./text-width.ts";
import { chartPaddingPx, chartWidthPx } from "./theme.ts";

/** How many legend entries stand side by side within a chart's width, or that of its plot. */
export function legendColumns(labels: readonly string[], widthPx: number = chartWidthPx - 2 * chartPaddingPx): number {
  const widest = Math.max(...labels.map((label) => Math.min(520, textWidth(label, 12))));
  return Math.max(1, Math.min(labels.length, Math.floor(widthPx / (widest + 40))));
}

/** Colour by the field `series`, in the order given. */
export function seriesColour(series: readonly string[]): JsonObject {
  return {
    field: "series",
    type: "nominal",
    scale: { domain: series },
    legend: { title: null, columns: legendColumns(series) },
  };
}

/** Shape by the field `series`: the second sign beside colour, merged into its legend. */
export function seriesShape(series: readonly string[]): JsonObject {
  return { ...seriesColour(series) };
}

/** Top-level size of a chart of one plot: as wide as every chart, the plot itself `heightPx` high. */
export function plotSize(heightPx: number): JsonObject {
  return { width: chartWidthPx, height: heightPx, autosize: { type: "fit-x", contains: "padding" } };
}
