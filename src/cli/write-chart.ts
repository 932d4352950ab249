/** A chart into a file whose name says its format. */
import type { ChartSpec } from "../charts/chart-spec.ts";
import type { ChartFormat } from "../files/render-chart.ts";
import { InvalidInput } from "../quantity/invalid-input.ts";

/**
 * The format that a file's name asks for.
 * @throws InvalidInput naming `field` for any other ending than .svg, .png, .html and .json (.vl.json)
 * @example chartFormatOf("chart", "request.vl.json") is "vega-lite"
 */
export function chartFormatOf(field: string, path: string): ChartFormat {
  const format = chartFormatOfEnding(path);
  if (format !== null) return format;
  throw new InvalidInput(field, path, "wants a file that ends with .svg, .png, .html or .vl.json");
}

/** The format that a file's name asks for, or null for an ending that says none. */
export function chartFormatOfEnding(path: string): ChartFormat | null {
  const ending = /\.(svg|png|html|json)$/i.exec(path)?.[1]?.toLowerCase();
  if (ending === "svg" || ending === "png" || ending === "html") return ending;
  return ending === "json" ? "vega-lite" : null;
}

/**
 * Draws the chart and writes it, whole or not at all. The drawing libraries are loaded only now.
 * @throws InvalidInput as chartFormatOf does; WorkFailed where the file cannot be written
 */
export async function writeChart(spec: ChartSpec, path: string, field = "chart"): Promise<void> {
  const format = chartFormatOf(field, path);
  const [{ renderChart }, { writeFileAtomically }] = await Promise.all([
    import("../files/render-chart.ts"),
    import("../files/write-file-atomically.ts"),
  ]);
  await writeFileAtomically(path, await renderChart(spec, { format }));
}
