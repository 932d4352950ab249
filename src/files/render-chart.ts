/** A chart in any of its formats. The drawing libraries are loaded when a picture is asked for, not before. */
import { type ChartSpec, chartSpecText } from "../charts/chart-spec.ts";
import { type ChartTheme, chartWidthPx, themeConfig } from "../charts/theme.ts";

export type ChartFormat = "svg" | "png" | "html" | "vega-lite";

export const chartFormats: readonly ChartFormat[] = ["svg", "png", "html", "vega-lite"];

export interface RenderChartOptions {
  readonly format: ChartFormat;
  /** Light unless given. An HTML page holds both and follows its reader. */
  readonly theme?: ChartTheme;
  /** Of a PNG: 1200 unless given, twice the chart's own width. */
  readonly widthPx?: number;
}

/**
 * The chart as a file's content: text, or bytes for PNG.
 * @throws Error when the specification does not compile
 */
export async function renderChart(spec: ChartSpec, options: RenderChartOptions): Promise<string | Uint8Array> {
  const { format, theme = "light", widthPx = 2 * chartWidthPx } = options;
  if (format === "vega-lite") return chartSpecText({ ...spec, config: themeConfig(theme) });
  if (format === "html") return (await import("../charts/chart-html.ts")).chartHtml(spec);
  const svg = await (await import("../charts/render-svg.ts")).renderSvg(spec, { theme });
  return format === "svg" ? `${svg}\n` : (await import("./render-png.ts")).renderPng(svg, widthPx);
}
