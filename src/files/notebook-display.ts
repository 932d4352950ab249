/**
 * Charts and tables inside a notebook of Deno's Jupyter kernel, and as text where no notebook listens.
 * A chart goes out as its vega-lite specification, under the MIME types of versions 5 and 6 that JupyterLab and VS Code draw, and as a PNG
 * for viewers that draw none of them, such as GitHub's.
 * Source: Jupyter's messaging protocol 5.3, display_data; Deno's manual, `Deno.jupyter.broadcast`.
 */
import { type ChartSpec, chartSpecText } from "../charts/chart-spec.ts";
import { chartTable } from "../charts/chart-table.ts";
import type { Json, JsonObject } from "../charts/json.ts";
import { chartWidthPx, themeConfig } from "../charts/theme.ts";
import { htmlTable } from "../reporting/html-table.ts";
import { markdownTable, plainMarkdown } from "../reporting/markdown.ts";
import { renderPalettePng } from "./render-png.ts";

/** What one output holds, by MIME type; a viewer takes the richest that it knows. */
export interface NotebookOutput {
  readonly data: Readonly<Record<string, Json>>;
  readonly metadata: JsonObject;
}

export type TableCell = string | number | boolean | null | undefined;

/** Cells by the titles of their columns. A missing cell, and a number that is none, is a dash. */
export type TableRow = Readonly<Record<string, TableCell>>;

/** Of the picture, in pixels: sharp enough on a fine screen. */
const pngWidthPx = 1.5 * chartWidthPx;
/** Significant digits of numbers that are not whole: finer than a pixel, and the same on every processor. */
const specDigits = 7;
const cellDigits = 4;
const dash = "–";

/** Shows a chart under the cell, or prints its title and its rows where this is no notebook. */
export async function display(chart: ChartSpec): Promise<void> {
  const host = notebookHost();
  if (host === null) return print(chartText(chart));
  await send(host, await chartOutput(chart));
}

/**
 * Shows rows as a table under the cell, or prints it where this is no notebook. Columns are those of all rows, in the order in which they
 * first appear; those of numbers stand to the right.
 */
export async function table(rows: readonly TableRow[]): Promise<void> {
  const host = notebookHost();
  if (host === null) return print(tableText(rows));
  await send(host, tableOutput(rows));
}

/** Shows Markdown under the cell: sentences with computed numbers in them. Prints it where this is no notebook. */
export async function say(markdown: string): Promise<void> {
  const host = notebookHost();
  if (host === null) return print(markdown);
  await send(host, { data: { "text/markdown": markdown, "text/plain": markdown }, metadata: {} });
}

/** @throws Error when the specification does not compile */
export async function chartOutput(chart: ChartSpec): Promise<NotebookOutput> {
  const { renderSvg } = await import("../charts/render-svg.ts");
  const png = await renderPalettePng(await renderSvg(chart, { theme: "light" }), pngWidthPx);
  const spec = rounded({ ...chart, config: themeConfig("light") });
  return {
    data: {
      ...Object.fromEntries(
        [5, 6].map((version) => [`application/vnd.vegalite.v${version}+json`, ofVersion(spec, version)]),
      ),
      "image/png": Buffer.from(png).toString("base64"),
      "text/plain": chart.description,
    },
    metadata: { "image/png": { width: chartWidthPx } },
  };
}

export function tableOutput(rows: readonly TableRow[]): NotebookOutput {
  const { titles, cells } = laidOut(rows);
  return {
    data: {
      "text/html": htmlTable(titles, cells),
      "text/markdown": tableText(rows),
      "text/plain": tableText(rows),
    },
    metadata: {},
  };
}

/** The parts of Deno's kernel that are used here. */
interface NotebookHost {
  broadcast(type: string, content: JsonObject): Promise<void>;
}

/** Null outside a notebook, where asking Deno for its kernel throws. */
function notebookHost(): NotebookHost | null {
  try {
    return (globalThis as { readonly Deno?: { readonly jupyter?: NotebookHost } }).Deno?.jupyter ?? null;
  } catch {
    return null;
  }
}

async function send(host: NotebookHost, { data, metadata }: NotebookOutput): Promise<void> {
  await host.broadcast("display_data", { data, metadata, transient: {} });
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** The same marks under each version's name: what charts here use did not change between them. */
function ofVersion(spec: JsonObject, version: number): JsonObject {
  return { ...spec, $schema: `https://vega.github.io/schema/vega-lite/v${version}.json` };
}

function rounded(spec: object): JsonObject {
  return JSON.parse(chartSpecText(spec), (_key, value: unknown) =>
    typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(specDigits)) : value,
  ) as JsonObject;
}

function chartText(chart: ChartSpec): string {
  const { columns, rows } = chartTable(chart);
  const named = rows.map((row) => Object.fromEntries(columns.map((title, i) => [title, cellOf(row[i])])));
  return `${chart.description}\n\n${tableText(named)}`;
}

function cellOf(value: Json | undefined): TableCell {
  return typeof value === "object" && value !== null ? JSON.stringify(value) : value;
}

function tableText(rows: readonly TableRow[]): string {
  const { titles, cells } = laidOut(rows);
  return markdownTable(
    titles.map(plainMarkdown),
    cells.map((row) => row.map(plainMarkdown)),
  );
}

/** Titles that end with ":" stand to the right. */
function laidOut(rows: readonly TableRow[]): { titles: string[]; cells: string[][] } {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const cells = rows.map((row) => names.map((name) => cellText(row[name])));
  const titles = names.map((name, i) => {
    const own = cells.map((row) => row[i] as string).filter((cell) => cell !== dash);
    return own.length > 0 && own.every((cell) => /^[−+-]?\d/.test(cell)) ? `${name}:` : name;
  });
  return { titles, cells };
}

function cellText(cell: TableCell): string {
  if (cell === null || cell === undefined) return dash;
  if (typeof cell !== "number") return String(cell);
  if (!Number.isFinite(cell)) return dash;
  return cell.toLocaleString("en-US", Number.isInteger(cell) ? {} : { maximumSignificantDigits: cellDigits });
}
