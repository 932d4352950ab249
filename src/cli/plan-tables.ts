/** The smaller tables of a plan: what relief buys, the front, what if. */
import type { CandidateRow } from "../planning/candidate-row.ts";
import type { Objectives } from "../planning/objectives.ts";
import type { PlanReport } from "../planning/plan-report.ts";
import type { Relief } from "../planning/relief.ts";
import type { WhatIfRow } from "../planning/what-if.ts";
import { formatBytes, formatSeconds } from "../quantity/format-quantity.ts";
import { textTable } from "./text-table.ts";

/** What the search itself may be off by. */
const leastGain = 0.005;

export function reliefTable(reliefs: readonly Relief[], best: CandidateRow): string {
  const rows = reliefs.map(({ what, change, devices, costPerHour, moreLoadPerDevice }) => [
    `${what} ${change}`,
    moreLoadPerDevice < leastGain ? "none" : `+${(100 * moreLoadPerDevice).toFixed(0)} %`,
    devices === best.devices ? `${devices}, as now` : String(devices),
    costPerHour === null ? "-" : costPerHour.toFixed(2),
  ]);
  const titles = ["one step of relief", "more load a device", "devices", "USD/h"];
  return textTable(
    titles.map((title) => ({ title })),
    rows,
  );
}

/** Points of the front that are printed; the chart has them all. */
const shownPoints = 8;

export function frontTable({ paretoFront }: PlanReport, { share }: Objectives): string {
  const every = Math.max(1, (paretoFront.length - 1) / (shownPoints - 1));
  const shown = paretoFront.filter((_, i) => Math.round(Math.round(i / every) * every) === i);
  const rows = shown.map((point) => [
    formatSeconds(point.tpotSeconds),
    point.costPerMillionTokens!.toFixed(2),
    point.tokensPerSecondPerDevice.toPrecision(3),
    formatSeconds(point.ttftSeconds),
    point.layout,
    point.hardware,
    point.batch.toPrecision(3),
  ]);
  const p = `p${Number((100 * share).toPrecision(4))}`;
  const titles = [`TPOT ${p}`, "USD/M tokens", "tokens/s a device", `TTFT ${p}`, "layout", "hardware", "batch"];
  const left = new Set(["layout", "hardware"]);
  const columns = titles.map((title) => ({ title, align: left.has(title) ? ("left" as const) : ("right" as const) }));
  return `The front, quicker against cheaper (whole fleets of many replicas):\n${textTable(columns, rows)}`;
}

export function whatIfTable(rows: readonly WhatIfRow[]): string {
  const cells = rows.map((row) => [
    row.label,
    row.fleet ?? "nothing fits",
    row.hardware ?? "",
    row.devices === null ? "-" : String(row.devices),
    row.costPerHour === null ? "-" : row.costPerHour.toFixed(2),
    row.costPerMillionTokens === null ? "-" : row.costPerMillionTokens.toFixed(2),
    row.tpotSeconds === null ? "-" : formatSeconds(row.tpotSeconds),
    row.requestCacheBytes === null ? "-" : formatBytes(row.requestCacheBytes),
  ]);
  const titles = ["what if", "fleet", "hardware", "devices", "USD/h", "USD/M", "TPOT", "cache a request"];
  const left = new Set(["what if", "fleet", "hardware"]);
  const columns = titles.map((title) => ({ title, align: left.has(title) ? ("left" as const) : ("right" as const) }));
  const quality = rows.flatMap(({ label, quality: said }) => said.map((each) => `  ${label}: ${each}\n`));
  const head = quality.length === 0 ? "" : `Published quality of such changes, of other models:\n${quality.join("")}`;
  return `${textTable(columns, cells)}${head}`;
}
