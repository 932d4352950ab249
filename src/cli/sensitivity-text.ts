/** A sensitivity report as a table for reading, the largest gain first. */
import type { Elasticities, SensitivityReport, SensitivityRow } from "../analysis/sensitivity.ts";
import { formatBytes, formatRate, formatSeconds } from "../quantity/format-quantity.ts";
import { shortageText } from "../reporting/shortage-text.ts";
import { type Column, textTable } from "./text-table.ts";

const columns: readonly Column[] = [
  { title: "change" },
  { title: "time" },
  { title: "saved" },
  { title: "saved %" },
  { title: "tokens/s a request" },
  { title: "tokens/s in all" },
  { title: "gain %" },
  { title: "memory" },
  { title: "option", align: "left" },
];

/** Where the step does not fit, what it needs and which changes would make it fit. */
export function sensitivityText(report: SensitivityReport, heading: string): string {
  const { baseline } = report;
  const lines = [heading, ""];
  lines.push(
    textTable(columns, [
      row({
        change: "as it is",
        option: null,
        savedSeconds: null,
        savedPercent: null,
        throughputGainPercent: null,
        ...baseline,
      }),
      ...report.changes.map(row),
    ]).trimEnd(),
  );
  if (!baseline.fits) lines.push(`does not fit: ${shortageText(baseline.footprint.bytes, report)}`);
  if (report.elasticities !== null) lines.push("", elasticityLine(report.elasticities, baseline.fits));
  return `${lines.join("\n")}\n`;
}

function row(each: SensitivityRow): string[] {
  const rate = (tokens: number | null): string => (tokens === null ? "-" : formatRate(tokens).replace(" tokens/s", ""));
  return [
    each.change,
    each.seconds === null ? "does not fit" : formatSeconds(each.seconds),
    each.savedSeconds === null ? "-" : formatSeconds(each.savedSeconds),
    percent(each.savedPercent),
    rate(each.tokensPerSecondPerRequest),
    rate(each.tokensPerSecond),
    percent(each.throughputGainPercent),
    formatBytes(each.footprint.bytes),
    each.option ?? "",
  ];
}

/** A value that is already in per cent. */
function percent(value: number | null): string {
  if (value === null) return "-";
  const text = value.toFixed(1);
  return `${text === "-0.0" ? "0.0" : text} %`;
}

/** What 1 % more of each does to the time. */
function elasticityLine(e: Elasticities, fits: boolean): string {
  const parts: [string, number][] = [
    ["bandwidth", e.bandwidth],
    ["peak", e.peak],
    ["link", e.link],
    ["weight bytes", e.weightBytes],
    ["cache bytes", e.cacheBytes],
    ["activation bytes", e.activationBytes],
  ];
  const text = parts
    .filter(([, value]) => Math.abs(value) >= 0.0005)
    .map(([name, value]) => `${name} ${value.toFixed(3)}`);
  return `1 % more of each changes the time${fits ? "" : " (if it fitted)"} by so many per cent: ${text.join(", ")}`;
}
