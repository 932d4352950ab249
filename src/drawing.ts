/**
 * Charts as vega-lite specifications, their tables and their looks: what a page or a notebook draws. Nothing here draws them, so no
 * drawing library is loaded; `ridgepoint/node` renders them as SVG, PNG and HTML.
 *
 * @example
 * const spec = rooflineOfSteps({ variants, hardware: [h100], batches: [16], contexts: [4096], options: {}, workload: {} });
 * compile({ ...spec, config: themeConfig("dark") }); // vega-lite
 */
export { type ChartInputs, type ChartKind, chartKinds } from "./charts/chart-kinds.ts";
export { type ChartColumn, type ChartSpec, chartSpecText } from "./charts/chart-spec.ts";
export { type ChartTable, chartTable } from "./charts/chart-table.ts";
export type { Json, JsonObject } from "./charts/json.ts";
export { type ChartTheme, chartThemes, chartWidthPx, themeColours, themeConfig } from "./charts/theme.ts";
export { bytesChart } from "./reporting/bytes-chart.ts";
export { attentionName, type ChartSetup, type ChartVariant } from "./reporting/chart-setup.ts";
export { chartCsv, csvLine, csvRows } from "./reporting/csv-text.ts";
export { intervalText } from "./reporting/interval-text.ts";
export { memoryChart } from "./reporting/memory-chart.ts";
export { rooflineOfSteps } from "./reporting/roofline-of-step.ts";
export { shortageText } from "./reporting/shortage-text.ts";
export { speedupChart } from "./reporting/speedup-chart.ts";
export { stepTimeByBatch, stepTimeByContext } from "./reporting/step-time-chart.ts";
export { engineName, timingWords } from "./reporting/timing-words.ts";
