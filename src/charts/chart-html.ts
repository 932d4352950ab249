/**
 * A chart as one HTML page that loads nothing: the picture in the reader's own light or dark, the description, and the
 * data as a table. No script; a content security policy forbids what is not in the file.
 */
import type { ChartSpec } from "./chart-spec.ts";
import { chartTable } from "./chart-table.ts";
import type { Json } from "./json.ts";
import { renderSvg } from "./render-svg.ts";
import { chartFont, type ThemeColours, themeColours } from "./theme.ts";

/** The page's text. */
export async function chartHtml(spec: ChartSpec): Promise<string> {
  const light = await renderSvg(spec, { theme: "light", idPrefix: "light-" });
  const dark = await renderSvg(spec, { theme: "dark", idPrefix: "dark-" });
  const table = chartTable(spec);
  const cells = (row: readonly Json[]) =>
    row
      .map((value) => `<td${typeof value === "number" ? ' class="number"' : ""}>${escaped(cellText(value))}</td>`)
      .join("");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escaped(table.caption)}</title>
<style>
:root { ${variables(themeColours.light)} }
@media (prefers-color-scheme: dark) { :root { ${variables(themeColours.dark)} } }
body { margin: 0 auto; padding: 12px; max-width: 900px; font: 14px ${chartFont}; color: var(--text); background: var(--background); }
figure { margin: 0; }
figure svg { display: block; width: 100%; height: auto; }
.dark { display: none; }
@media (prefers-color-scheme: dark) { .light { display: none; } .dark { display: block; } }
.data { overflow-x: auto; margin-top: 16px; }
table { border-collapse: collapse; font-size: 12px; }
caption { text-align: left; padding: 4px 0; color: var(--muted); }
th, td { padding: 3px 10px 3px 0; text-align: left; border-bottom: 1px solid var(--grid); white-space: nowrap; }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
</style>
</head>
<body>
<main>
<figure>
<div class="light">${light}</div>
<div class="dark">${dark}</div>
</figure>
<div class="data" role="region" aria-label="Data of the chart" tabindex="0">
<table>
<caption>Data: ${escaped(table.caption)}</caption>
<thead><tr>${table.columns.map((column) => `<th scope="col">${escaped(column)}</th>`).join("")}</tr></thead>
<tbody>
${table.rows.map((row) => `<tr>${cells(row)}</tr>`).join("\n")}
</tbody>
</table>
</div>
</main>
</body>
</html>
`;
}

function variables(colours: ThemeColours): string {
  return `--text: ${colours.text}; --muted: ${colours.mutedText}; --grid: ${colours.grid}; --background: ${colours.background};`;
}

function cellText(value: Json): string {
  if (value === null) return "–";
  if (typeof value === "boolean") return value ? "yes" : "no";
  return typeof value === "number" ? String(Number(value.toPrecision(9))) : String(value);
}

function escaped(text: string): string {
  return text
    .replace(/&/g, "&amp;")
    .replace(/</g, "&lt;")
    .replace(/>/g, "&gt;")
    .replace(/"/g, "&quot;")
    .replace(/'/g, "&#39;");
}
