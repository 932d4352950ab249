/** A comparison of attention variants on one machine as a table: side by side where the terminal is wide enough, else a line each. */
import type { ComparedStep } from "../analysis/compare-variants.ts";
import { formatBytes, formatRate, formatRatio, formatSeconds } from "../quantity/format-quantity.ts";
import { halfWidthText } from "../reporting/interval-text.ts";
import { shortageText } from "../reporting/shortage-text.ts";
import { type Column, textTable } from "./text-table.ts";

/**
 * The table of `rows`, which are in the order batch, context, variant; what does not fit says what it needs and has no speed.
 * @param attentions the variants' names, the one compared with first
 * @param widthColumns of the terminal
 */
export function comparisonText(
  rows: readonly ComparedStep[],
  attentions: readonly string[],
  widthColumns: number,
): string {
  const wide = sideBySide(rows, attentions);
  return wide.split("\n", 1).every((line) => line.length <= widthColumns) ? wide : oneBelowAnother(rows);
}

function sideBySide(rows: readonly ComparedStep[], attentions: readonly string[]): string {
  const columns: Column[] = [{ title: "batch", align: "right" }, { title: "context" }];
  attentions.forEach((attention, index) => {
    columns.push(
      { title: "|" },
      { title: `${attention}: time` },
      { title: "tokens/s" },
      { title: "bound", align: "left" },
    );
    if (index > 0) columns.push({ title: "speed-up" });
    columns.push({ title: "max batch" });
  });
  const lines: string[][] = [];
  for (let at = 0; at < rows.length; at += attentions.length) {
    const group = rows.slice(at, at + attentions.length);
    const [first] = group;
    if (first === undefined) continue;
    lines.push([
      String(first.batch),
      String(first.context),
      ...group.flatMap((row, index) => {
        const [time, rate, bound, speedup, most] = cells(row);
        return index === 0 ? ["|", time, rate, bound, most] : ["|", time, rate, bound, speedup, most];
      }),
    ]);
  }
  const missing = rows.filter((row) => !row.fits);
  const below = missing.map(
    (row) => `${row.attention}, batch ${row.batch}, context ${row.context}: ${shortage(row)}\n`,
  );
  return `${textTable(columns, lines)}${below.join("")}`;
}

function oneBelowAnother(rows: readonly ComparedStep[]): string {
  const columns: Column[] = [
    { title: "batch", align: "right" },
    { title: "context" },
    { title: "attention", align: "left" },
    { title: "time" },
    { title: "tokens/s" },
    { title: "bound", align: "left" },
    { title: "speed-up" },
    { title: "max batch" },
    { title: "memory", align: "left" },
  ];
  const lines = rows.map((row) => [
    String(row.batch),
    String(row.context),
    row.attention,
    ...cells(row),
    row.fits ? formatBytes(row.footprint.bytes) : shortage(row),
  ]);
  return textTable(columns, lines);
}

/** Time, rate, bound, speed-up and largest batch. */
function cells(row: ComparedStep): [string, string, string, string, string] {
  const most = row.largestBatch === null ? "any" : String(row.largestBatch);
  if (row.seconds === null || row.tokensPerSecond === null) return ["does not fit", "-", "-", "-", most];
  return [
    `${formatSeconds(row.seconds)}${halfWidthText(row.seconds, row.interval)}`,
    formatRate(row.tokensPerSecond).replace(" tokens/s", ""),
    row.bound ?? "-",
    row.speedup === null ? "-" : formatRatio(row.speedup),
    most,
  ];
}

function shortage(row: ComparedStep): string {
  return `does not fit: ${shortageText(row.footprint.bytes, row)}`;
}
