/**
 * A chart as SVG text, the same bytes on every run and machine: text is measured by the font's own table instead of a
 * canvas, ids start anew, and coordinates are rounded to 2 decimals. Runs unchanged in Node and in a browser.
 */
import { parse, resetSVGDefIds, textMetrics, View } from "vega";
import { compile, type TopLevelSpec } from "vega-lite";
import type { ChartSpec } from "./chart-spec.ts";
import { textWidth } from "./text-width.ts";
import { type ChartTheme, themeConfig } from "./theme.ts";

// Exported by vega for renderers with text metrics of their own, but absent from its types.
declare module "vega" {
  export const textMetrics: {
    width: (item: { fontSize?: number; fontWeight?: string | number; limit?: number }, text: unknown) => number;
  };
}

export interface SvgOptions {
  readonly theme: ChartTheme;
  /** Put before every id, for several charts in one page. */
  readonly idPrefix?: string;
  /** Called with what vega or vega-lite finds doubtful in the specification. */
  readonly onWarning?: (message: string) => void;
}

/** Ids and text metrics are vega's globals, so charts are drawn one after another. */
let lastDrawn: Promise<unknown> = Promise.resolve();

/**
 * The chart drawn in a theme.
 * @throws Error when the specification does not compile
 */
export function renderSvg(spec: ChartSpec, options: SvgOptions): Promise<string> {
  const drawn = lastDrawn.then(() => draw(spec, options));
  lastDrawn = drawn.catch(() => undefined);
  return drawn;
}

async function draw(spec: ChartSpec, { theme, idPrefix = "", onWarning }: SvgOptions): Promise<string> {
  const logger = reportingLogger(onWarning ?? (() => undefined));
  const themed = { ...spec, config: themeConfig(theme) } as unknown as TopLevelSpec;
  const vegaSpec = compile(themed, { logger }).spec;
  const formerWidth = textMetrics.width;
  textMetrics.width = measured;
  const view = new View(parse(vegaSpec), { renderer: "none", logger });
  try {
    resetSVGDefIds();
    return tidied(await view.toSVG(), idPrefix);
  } finally {
    textMetrics.width = formerWidth;
    view.finalize();
  }
}

/** Px of a line as vega asks for it: a text that is cut at its limit takes no more room than that. */
function measured(item: { fontSize?: number; fontWeight?: string | number; limit?: number }, text: unknown): number {
  if (text === null || text === undefined) return 0;
  const isBold = item.fontWeight === "bold" || Number(item.fontWeight) >= 600;
  const width = textWidth(String(text).trim(), item.fontSize ?? 11, isBold);
  return item.limit !== undefined && item.limit > 0 ? Math.min(width, item.limit) : width;
}

/** Geometry rounded to 2 decimals, ids prefixed; only inside tags, since text holds no raw "<" or ">". */
function tidied(svg: string, idPrefix: string): string {
  return svg.replace(/<[^>]*>/g, (tag) =>
    tag.replace(/ ([\w:-]+)="([^"]*)"/g, (attribute, name: string, value: string) => {
      if (geometry.has(name)) return ` ${name}="${value.replace(/-?\d*\.\d+(?:e[-+]?\d+)?|-?\d+e-\d+/g, rounded)}"`;
      if (name === "id") return ` id="${idPrefix}${value}"`;
      return value.startsWith("url(#") ? ` ${name}="url(#${idPrefix}${value.slice(5)}"` : attribute;
    }),
  );
}

const geometry: ReadonlySet<string> = new Set(
  "d transform x y x1 x2 y1 y2 dx dy cx cy r width height viewBox offset stroke-width stroke-dasharray opacity".split(
    " ",
  ),
);

function rounded(number: string): string {
  const value = Math.round(Number(number) * 100) / 100;
  return String(value === 0 ? 0 : value);
}

function reportingLogger(report: (message: string) => void) {
  const say = (...parts: readonly unknown[]) => {
    report(parts.map(String).join(" "));
    return logger;
  };
  const silent = () => logger;
  let level = 2;
  const logger: ReportingLogger = {
    level: ((next?: number) => {
      if (next === undefined) return level;
      level = next;
      return logger;
    }) as ReportingLogger["level"],
    error: say,
    warn: say,
    info: silent,
    debug: silent,
  };
  return logger;
}

interface ReportingLogger {
  level(next: number): this;
  level(): number;
  error(...parts: readonly unknown[]): this;
  warn(...parts: readonly unknown[]): this;
  info(...parts: readonly unknown[]): this;
  debug(...parts: readonly unknown[]): this;
}
