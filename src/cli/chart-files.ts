/** A chart of a report as its files: both themes, its specification and its data. */
import type { ChartSpec } from "../charts/chart-spec.ts";
import { renderChart } from "../files/render-chart.ts";
import { chartCsv } from "../reporting/csv-text.ts";

/** Contents by file name, in the order in which they are written. */
export async function chartFiles(
  name: string,
  spec: ChartSpec,
): Promise<[name: string, content: string | Uint8Array][]> {
  return [
    [`${name}.light.svg`, await renderChart(spec, { format: "svg", theme: "light" })],
    [`${name}.dark.svg`, await renderChart(spec, { format: "svg", theme: "dark" })],
    [`${name}.vl.json`, await renderChart(spec, { format: "vega-lite" })],
    [`${name}.csv`, chartCsv(spec)],
  ];
}
