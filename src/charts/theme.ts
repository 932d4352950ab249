/**
 * Light and dark looks of every chart, as vega-lite configurations.
 *
 * The series colours follow Okabe and Ito (2008, "Color Universal Design"), darkened for white and lightened for the
 * dark ground until each has a contrast of at least 3 : 1 with it (WCAG 2.2, 1.4.11); series differ in shape as well.
 */
import type { Json } from "./json.ts";

export type ChartTheme = "light" | "dark";

export const chartThemes: readonly ChartTheme[] = ["light", "dark"];

export interface ThemeColours {
  readonly background: string;
  readonly text: string;
  readonly mutedText: string;
  readonly grid: string;
  readonly axis: string;
  readonly limit: string;
  readonly noFit: string;
  readonly series: readonly string[];
}

export const themeColours: Readonly<Record<ChartTheme, ThemeColours>> = {
  light: {
    background: "#ffffff",
    text: "#1a1a1a",
    mutedText: "#4d4d4d",
    grid: "#e4e4e4",
    axis: "#767676",
    limit: "#b00020",
    noFit: "#d9d9d9",
    series: ["#005fa3", "#d55e00", "#2a9d7f", "#1a1a1a", "#cc62a8", "#7a5c00"],
  },
  dark: {
    background: "#15181d",
    text: "#f2f2f2",
    mutedText: "#c4c8ce",
    grid: "#2e333b",
    axis: "#8d939c",
    limit: "#ff8a80",
    noFit: "#444a53",
    series: ["#56b4e9", "#e69f00", "#2fc79a", "#f0e442", "#cc79a7", "#e8e8e8"],
  },
};

/** Sizes in px at a chart's own width. */
export const chartWidthPx = 600;
export const chartPaddingPx = 10;
export const titleFontPx = 15;
export const textFontPx = 11;
/** One more than there are colours, so that the pair of both repeats only after 42 series. */
export const seriesShapes: readonly string[] = [
  "circle",
  "square",
  "diamond",
  "triangle-up",
  "triangle-down",
  "cross",
  "triangle-right",
];
export const chartFont = "DejaVu Sans, sans-serif";

/** The vega-lite configuration of a theme. */
export function themeConfig(theme: ChartTheme): Json {
  const colours = themeColours[theme];
  const title = { titleColor: colours.text, titleFontSize: 12, titleFontWeight: "normal" };
  return {
    background: colours.background,
    font: chartFont,
    padding: chartPaddingPx,
    // Marks of one chart would be hundreds of spoken items: the description and the data table speak for them.
    mark: { aria: false, color: colours.series[0] ?? colours.text },
    title: {
      color: colours.text,
      fontSize: titleFontPx,
      fontWeight: "bold",
      lineHeight: titleFontPx + 4,
      subtitleColor: colours.mutedText,
      subtitleFontSize: 12,
      subtitleLineHeight: 16,
      subtitlePadding: 4,
      anchor: "start",
      frame: "bounds",
    },
    axis: {
      ...title,
      titlePadding: 8,
      labelColor: colours.text,
      labelFontSize: textFontPx,
      labelLimit: 220,
      labelSeparation: 6,
      gridColor: colours.grid,
      domainColor: colours.axis,
      tickColor: colours.axis,
    },
    legend: {
      ...title,
      labelColor: colours.text,
      labelFontSize: 12,
      labelLimit: 520,
      symbolStrokeWidth: 2,
      orient: "bottom",
      offset: 8,
      titlePadding: 6,
      columnPadding: 16,
      layout: { bottom: { anchor: "start", direction: "vertical", margin: 8 } },
    },
    header: { ...title, labelColor: colours.text, labelFontSize: 12, labelFontWeight: "bold", labelLimit: 560 },
    view: { stroke: colours.grid },
    range: {
      category: colours.series,
      symbol: seriesShapes,
      heatmap: { scheme: "cividis" },
      ramp: { scheme: "cividis" },
    },
    line: { strokeWidth: 2 },
    text: { color: colours.text, fontSize: textFontPx },
    style: {
      roof: { color: colours.text, strokeWidth: 2, strokeCap: "round" },
      ridge: { color: colours.axis, strokeWidth: 1, strokeDash: [3, 3] },
      "ridge-point": { color: colours.text },
      leader: { color: colours.axis, strokeWidth: 1 },
      link: { color: colours.axis, strokeWidth: 2 },
      limit: { color: colours.limit, strokeWidth: 2 },
      "limit-area": { color: colours.limit, fillOpacity: 0.08 },
      "limit-label": { color: colours.limit, fontSize: textFontPx, fontWeight: "bold" },
      weights: { color: colours.axis, strokeWidth: 1.5, strokeDash: [2, 3] },
      annotation: { color: colours.text, fontSize: textFontPx },
      muted: { color: colours.mutedText, fontSize: textFontPx },
      // Drawn under a text so that lines behind it do not run through its letters.
      halo: {
        color: colours.background,
        stroke: colours.background,
        strokeWidth: 4,
        strokeJoin: "round",
        fontSize: textFontPx,
      },
      "halo-bold": {
        color: colours.background,
        stroke: colours.background,
        strokeWidth: 4,
        strokeJoin: "round",
        fontSize: textFontPx,
        fontWeight: "bold",
      },
      "no-fit-cell": { color: colours.noFit },
      "no-fit-text": { color: colours.text },
      "on-dark": { color: "#ffffff" },
      "on-light": { color: "#111111" },
    },
  };
}
