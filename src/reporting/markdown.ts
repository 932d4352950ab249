/** Pieces of Markdown: tables, and charts in the reader's own light or dark. */
import { commandLine } from "./chart-command.ts";
import type { ReportChart } from "./report-page.ts";

/** A table; columns whose title ends with ":" are aligned to the right. */
export function markdownTable(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(escaped).join(" | ")} |`;
  const names = titles.map((title) => title.replace(/:$/, ""));
  const rule = titles.map((title) => (title.endsWith(":") ? "---:" : "---"));
  return `${[line(names), `| ${rule.join(" | ")} |`, ...rows.map(line)].join("\n")}\n`;
}

/** The picture, the command that draws it, its data and its specification. */
export function chartFigure(chart: ReportChart): string {
  const file = (ending: string): string => `charts/${chart.name}${ending}`;
  return `<picture>
  <source media="(prefers-color-scheme: dark)" srcset="${file(".dark.svg")}">
  <img alt="${chart.alt}" src="${file(".light.svg")}" width="600">
</picture>

[data](${file(".csv")}) · [specification](${file(".vl.json")}) · drawn by

\`\`\`
${commandLine(chart.command, `${chart.name}.svg`)}
\`\`\`
`;
}

/** A chart whose files lie beside the page, in the reader's own light or dark, with its data and specification. */
export function themedPicture(name: string): string {
  return `<picture>
  <source media="(prefers-color-scheme: dark)" srcset="${name}.dark.svg">
  <img alt="${name.replaceAll("-", " ")}" src="${name}.light.svg" width="600">
</picture>

[data](${name}.csv) · [specification](${name}.vl.json)
`;
}

function escaped(cell: string): string {
  return cell.replaceAll("|", "\\|");
}

/** Text from a table is no Markdown and no HTML. */
export function plainMarkdown(text: string): string {
  return text.replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`).replace(/[\\`*_[\]]/g, "\\$&");
}
