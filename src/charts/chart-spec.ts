/**
 * A chart as a vega-lite specification: plain JSON, without a theme, whose `data.values` are the rows it draws and whose
 * `usermeta.columns` name them for the data table.
 */
import { InvalidInput } from "../quantity/invalid-input.ts";
import type { Json, JsonObject } from "./json.ts";
import { wrapText } from "./text-width.ts";
import { chartPaddingPx, chartWidthPx, titleFontPx } from "./theme.ts";

/** One column of the data table; the title names the unit. */
export type ChartColumn = { readonly field: string; readonly title: string };

export interface ChartSpec {
  readonly $schema: string;
  readonly title: { readonly text: readonly string[]; readonly subtitle?: readonly string[]; readonly offset: number };
  readonly description: string;
  readonly usermeta: { readonly chart: string; readonly columns: readonly ChartColumn[] };
  readonly data: { readonly values: readonly JsonObject[] };
  readonly [key: string]: Json | undefined;
}

/** What every chart is given beside its rows. */
export interface ChartTitle {
  readonly title: string;
  /** Model, machine, formats: what holds for the whole chart. */
  readonly subtitle?: string;
}

export interface ChartParts extends ChartTitle {
  readonly chart: string;
  /** Read out in place of the picture: what is drawn against what. */
  readonly description: string;
  readonly columns: readonly ChartColumn[];
  readonly rows: readonly JsonObject[];
  /** Lines under the subtitle: what a sign in the chart means, what is left out. */
  readonly notes?: readonly string[];
  /** The marks: layer, facet or vconcat, with sizes. */
  readonly view: JsonObject;
}

export const vegaLiteSchema = "https://vega.github.io/schema/vega-lite/v6.json";

/**
 * The parts put together as one specification.
 * @throws InvalidInput for no rows, a number that is not finite, or an empty title
 */
export function chartSpec(parts: ChartParts): ChartSpec {
  if (parts.title.trim() === "") throw new InvalidInput("title", parts.title, "a chart needs a title");
  if (parts.rows.length === 0) throw new InvalidInput("rows", 0, "at least one row to draw");
  for (const [index, row] of parts.rows.entries()) {
    for (const [field, value] of Object.entries(row)) {
      if (typeof value === "number" && !Number.isFinite(value)) {
        throw new InvalidInput(`rows[${index}].${field}`, String(value), "a finite number");
      }
    }
  }
  const lineWidthPx = chartWidthPx - 2 * chartPaddingPx;
  const below = [...(parts.subtitle ? [parts.subtitle] : []), ...(parts.notes ?? [])];
  return {
    $schema: vegaLiteSchema,
    title: {
      text: wrapText(parts.title, lineWidthPx, titleFontPx, true),
      ...(below.length > 0 ? { subtitle: below.flatMap((text) => wrapText(text, lineWidthPx, 12)) } : {}),
      // Here and not in the theme, where it would move the headings of panels as well.
      offset: 12,
    },
    description: [parts.title, parts.subtitle, parts.description, ...(parts.notes ?? [])].filter(Boolean).join(". "),
    usermeta: { chart: parts.chart, columns: parts.columns },
    data: { values: parts.rows },
    ...parts.view,
  };
}

/** Distinct values in the order of their first appearance. */
export function inOrder<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}

/**
 * The specification as JSON text: keys in the order in which they were put in, numbers to 12 significant digits, what
 * fits on a line on one line, so that a row of data is a line.
 */
export function chartSpecText(spec: object): string {
  const text = JSON.stringify(spec, (_key, value: unknown) =>
    typeof value === "number" ? Number(value.toPrecision(12)) : value,
  );
  return `${folded(JSON.parse(text) as Json, "")}\n`;
}

const lineWidth = 120;

function folded(value: Json, indent: string): string {
  const line = flat(value);
  if (value === null || typeof value !== "object" || indent.length + line.length <= lineWidth) return line;
  const inner = `${indent}  `;
  if (Array.isArray(value)) return `[\n${value.map((each) => inner + folded(each, inner)).join(",\n")}\n${indent}]`;
  const entries = Object.entries(value).map(([key, each]) => `${inner}${JSON.stringify(key)}: ${folded(each, inner)}`);
  return `{\n${entries.join(",\n")}\n${indent}}`;
}

function flat(value: Json): string {
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(flat).join(", ")}]`;
  const entries = Object.entries(value).map(([key, each]) => `${JSON.stringify(key)}: ${flat(each)}`);
  return entries.length === 0 ? "{}" : `{ ${entries.join(", ")} }`;
}
