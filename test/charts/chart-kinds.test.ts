import { readdirSync, readFileSync } from "node:fs";
import { textMetrics } from "vega";
import { describe, expect, test } from "vitest";
import { chartHtml } from "../../src/charts/chart-html.ts";
import { type ChartInputs, type ChartKind, chartKinds } from "../../src/charts/chart-kinds.ts";
import { type ChartSpec, chartSpecText } from "../../src/charts/chart-spec.ts";
import { chartTable } from "../../src/charts/chart-table.ts";
import { renderSvg } from "../../src/charts/render-svg.ts";
import { chartThemes, chartWidthPx } from "../../src/charts/theme.ts";
import { InvalidInput } from "../../src/quantity/invalid-input.ts";
import { drawnTexts } from "./drawn-text.ts";
import { chartSamples } from "./samples.ts";

const kinds = Object.keys(chartKinds) as ChartKind[];
const draw = (kind: ChartKind, input: ChartInputs[ChartKind] = chartSamples[kind]): ChartSpec =>
  (chartKinds[kind].draw as (input: ChartInputs[ChartKind]) => ChartSpec)(input);

test("each kind has a file that exports its drawing function, and each such file is registered", () => {
  const folder = new URL("../../src/charts/", import.meta.url);
  const drawing = readdirSync(folder).filter((file) =>
    /^export function \w+Chart\(input: /m.test(readFileSync(new URL(file, folder), "utf8")),
  );
  expect(drawing.map((file) => file.replace(/\.ts$/, "")).sort()).toEqual([...kinds].sort());
});

describe.each(kinds)("%s", (kind) => {
  const spec = draw(kind);

  test("is plain JSON with schema, description, named columns and its rows inline", () => {
    expect(JSON.parse(JSON.stringify(spec))).toEqual(spec);
    expect(spec.$schema).toBe("https://vega.github.io/schema/vega-lite/v6.json");
    expect(spec.description.length).toBeGreaterThan(60);
    expect(spec.usermeta.chart).toBe(kind);
    expect(chartSpecText(spec)).not.toMatch(/NaN|Infinity|undefined/);
    const table = chartTable(spec);
    expect(table.rows.length).toBe(spec.data.values.length);
    for (const column of spec.usermeta.columns) {
      expect(
        spec.data.values.some((row) => Object.hasOwn(row, column.field)),
        column.field,
      ).toBe(true);
    }
  });

  test("every quantitative axis names its unit", () => {
    const titles = axisTitles(spec);
    expect(titles.length).toBeGreaterThan(0);
    for (const title of titles) expect(title).toMatch(/\(.+\)$/);
  });

  test.each(chartThemes)(
    "compiles and draws in %s without a warning, twice the same bytes, with nothing cut off",
    async (theme) => {
      const warnings: string[] = [];
      const onWarning = (message: string) => warnings.push(message);
      const [first, second] = await Promise.all([
        renderSvg(spec, { theme, onWarning }),
        renderSvg(spec, { theme, onWarning }),
      ]);
      expect(warnings).toEqual([]);
      expect(second).toBe(first);
      expect(first).not.toMatch(/NaN|undefined|Infinity|null/);
      expect(first).not.toMatch(/ d="[^"]*\.\d{3}/);
      const [, width = 0, height = 0] = (/viewBox="0 0 (\d+) (\d+)"/.exec(first) ?? []).map(Number);
      expect(width).toBeGreaterThan(chartWidthPx - 20);
      expect(width).toBeLessThanOrEqual(chartWidthPx + 10);
      const texts = drawnTexts(first);
      expect(texts.length).toBeGreaterThan(8);
      for (const text of texts) {
        expect(text.left, text.text).toBeGreaterThanOrEqual(-1);
        expect(text.top, text.text).toBeGreaterThanOrEqual(-1);
        expect(text.right, text.text).toBeLessThanOrEqual(width + 1);
        expect(text.bottom, text.text).toBeLessThanOrEqual(height + 1);
      }
    },
  );

  test("keeps its specification", async () => {
    const rounded = JSON.parse(JSON.stringify(spec), (_key, value: unknown) =>
      typeof value === "number" ? Number(value.toPrecision(6)) : value,
    );
    await expect(chartSpecText(rounded)).toMatchFileSnapshot(`golden/${kind}.json`);
  });

  test("refuses no rows, a number that is not finite, and an empty title", () => {
    const input = chartSamples[kind] as unknown as Record<string, unknown>;
    const field = ["points", "series", "lines", "bars", "rows"].find((name) => Array.isArray(input[name])) ?? "rows";
    const rows = input[field] as readonly Record<string, unknown>[];
    const withRows = (changed: unknown) => () =>
      draw(kind, { ...input, [field]: changed } as unknown as ChartInputs[ChartKind]);
    expect(withRows([])).toThrow(InvalidInput);
    for (const [path, changed] of withBadNumbers(rows[0] ?? {})) {
      expect(withRows([changed, ...rows.slice(1)]), path).toThrow(InvalidInput);
    }
    expect(() => draw(kind, { ...input, title: " " } as unknown as ChartInputs[ChartKind])).toThrow(/title/);
  });

  test("text from outside stays text: in the SVG, the page and the table", async () => {
    const attack = `"><script>alert(1)</script></svg><img src=x onerror=alert(1)>`;
    const hostile = JSON.parse(JSON.stringify(chartSamples[kind]), (key, value: unknown) =>
      typeof value === "string" && key !== "by" && key !== "yKind" ? `${value}${attack}` : value,
    ) as ChartInputs[ChartKind];
    const hostileSpec = draw(kind, hostile);
    const svg = await renderSvg(hostileSpec, { theme: "light" });
    const page = await chartHtml(hostileSpec);
    for (const text of [svg, page]) {
      expect(text).not.toMatch(/<script|<img|onerror=alert\(1\)>/i);
      expect(text.match(/<\/svg>/g)?.length).toBe(text === svg ? 1 : 2);
    }
    expect(svg).toContain("&lt;");
  });
});

test("vega's own text metrics are back after a drawing, also after one that fails", async () => {
  const before = textMetrics.width;
  await renderSvg(draw("sensitivity"), { theme: "light" });
  expect(textMetrics.width).toBe(before);
  const broken = { ...draw("sensitivity"), layer: [{ mark: "no such mark" }] } as unknown as ChartSpec;
  await expect(renderSvg(broken, { theme: "light" })).rejects.toThrow();
  expect(textMetrics.width).toBe(before);
  expect(await renderSvg(draw("sensitivity"), { theme: "light" })).toContain("<svg");
});

test("a page loads nothing, follows light and dark, and keeps the ids of its two pictures apart", async () => {
  for (const kind of kinds) {
    const page = await chartHtml(draw(kind));
    expect(page.replace(/ xmlns(:\w+)?="[^"]*"/g, "")).not.toMatch(/https?:|src=|href=|<script|<link|@import/);
    expect(page).toContain("default-src 'none'");
    expect(page).toContain("prefers-color-scheme: dark");
    expect(page).toMatch(/<table>[\s\S]*<th scope="col">/);
    const ids = [...page.matchAll(/ id="([^"]+)"/g)].map((match) => match[1]);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [, used] of page.matchAll(/url\(#([^)]+)\)/g)) expect(ids).toContain(used);
  }
});

/** The row once for each of its numbers and each value that none can have, also of the numbers in its own first points or parts. */
function withBadNumbers(row: Readonly<Record<string, unknown>>): [path: string, row: Record<string, unknown>][] {
  return Object.entries(row).flatMap(([name, value]): [string, Record<string, unknown>][] => {
    if (Array.isArray(value)) {
      const [first, ...others] = value as readonly Record<string, unknown>[];
      return withBadNumbers(first ?? {}).map(([path, changed]) => [
        `${name}[0].${path}`,
        { ...row, [name]: [changed, ...others] },
      ]);
    }
    if (typeof value !== "number") return [];
    return [Number.NaN, Number.POSITIVE_INFINITY, -1].map((bad) => [`${name} ${bad}`, { ...row, [name]: bad }]);
  });
}

/** Titles of the x and y axes that show numbers, wherever they are in the specification. */
function axisTitles(part: unknown): string[] {
  if (part === null || typeof part !== "object") return [];
  return Object.entries(part).flatMap(([key, value]) => {
    const axis = value as { title?: unknown; field?: unknown };
    const isAxis = (key === "x" || key === "y") && typeof axis?.title === "string" && axis.field !== undefined;
    return isAxis ? [axis.title as string] : axisTitles(value);
  });
}
