/** The tables of a plan: the fleets, what relief buys, the front, what if. Columns that matter least go first where room is short. */
import type { CandidateRow } from "../planning/candidate-row.ts";
import type { Objectives } from "../planning/objectives.ts";
import type { PlanReport } from "../planning/plan-report.ts";
import type { Relief } from "../planning/relief.ts";
import type { SimulatedFleet } from "../planning/simulated-fleet.ts";
import type { WhatIfRow } from "../planning/what-if.ts";
import { formatBytes, formatPercent, formatRate, formatSeconds } from "../quantity/format-quantity.ts";
import { leftOutText, narrowTable, type RankedColumn } from "./narrow-table.ts";
import { textTable } from "./text-table.ts";

/** What the search itself may be off by. */
const leastGain = 0.005;

export function reliefTable(reliefs: readonly Relief[], best: CandidateRow): string {
  const rows = reliefs.map(({ what, change, devices, costPerHour, moreLoadPerDevice }) => [
    `${what} ${change}`,
    moreLoadPerDevice < leastGain ? "none" : `+${(100 * moreLoadPerDevice).toFixed(0)} %`,
    devices === best.devices ? `${devices}, as now` : String(devices),
    dollars(costPerHour),
  ]);
  const titles = ["one step of relief", "more load a device", "devices", "USD/h"];
  return textTable(
    titles.map((title) => ({ title })),
    rows,
  );
}

/** Fleets that are printed, the best among them. */
const shownFleets = 8;

const fleetColumns: readonly RankedColumn[] = [
  { title: "fleet", align: "left", rank: 1 },
  { title: "hardware", align: "left", rank: 1 },
  { title: "formats", align: "left", rank: 8 },
  { title: "devices", rank: 1 },
  { title: "USD/h", rank: 2 },
  { title: "USD/M", rank: 9 },
  { title: "TTFT", rank: 5 },
  { title: "TPOT", rank: 3 },
  { title: "tokens/s", rank: 10 },
  { title: "use", rank: 7 },
  { title: "binds", align: "left", rank: 6 },
  { title: "why not", align: "left", rank: 4 },
];

/** The best fleet and those that lost to it; reasons that have no room beside the figures stand below them. */
export function candidatesTable(
  { candidates }: PlanReport,
  simulated: readonly SimulatedFleet[],
  widthColumns: number,
): string {
  const shown = candidates.slice(0, shownFleets);
  const reasons = shown.map(
    ({ lost }, i) => `${lost ?? "best"}${(simulated[i]?.misses.length ?? 0) > 0 ? "; misses in the simulation" : ""}`,
  );
  const rows = shown.map((row, i) => [
    row.fleet,
    row.hardware,
    `${row.weights}/${row.kvCache}`,
    String(row.devices),
    dollars(row.costPerHour),
    dollars(row.costPerMillionTokens),
    formatSeconds(row.ttftSeconds),
    formatSeconds(row.tpotSeconds),
    bareRate(row.tokensPerSecond),
    formatPercent(row.utilization),
    row.binding,
    reasons[i]!,
  ]);
  const { text, leftOut } = narrowTable(fleetColumns, rows, widthColumns);
  const below = leftOut.includes("why not") ? reasonLines(shown, reasons) : "";
  const more = candidates.length - rows.length;
  const rest = more > 0 ? `and ${more} more (--json has all)\n` : "";
  return `${text}${rest}${leftOutText(leftOut.filter((title) => title !== "why not"))}${below}`;
}

/** One line for fleets next to each other that lost for the same reason. */
function reasonLines(shown: readonly CandidateRow[], reasons: readonly string[]): string {
  const lines: { first: number; last: number; reason: string }[] = [];
  reasons.forEach((reason, i) => {
    const before = lines.at(-1);
    if (before?.reason === reason) before.last = i;
    else lines.push({ first: i, last: i, reason });
  });
  const name = (i: number): string => `${shown[i]!.fleet} on ${shown[i]!.hardware}`;
  return lines
    .map(({ first, last, reason }) => {
      const also = last > first ? ` and the ${last - first === 1 ? "one" : `${last - first}`} below it` : "";
      return `  ${name(first)}${also}: ${reason}\n`;
    })
    .join("");
}

function dollars(amount: number | null): string {
  return amount === null ? "-" : amount.toFixed(2);
}

function bareRate(tokensPerSecond: number): string {
  return formatRate(tokensPerSecond).replace(" tokens/s", "");
}

/** Points of the front that are printed; the chart has them all. */
const shownPoints = 8;

export function frontTable({ paretoFront }: PlanReport, { share }: Objectives, widthColumns: number): string {
  const every = Math.max(1, (paretoFront.length - 1) / (shownPoints - 1));
  const shown = paretoFront.filter((_, i) => Math.round(Math.round(i / every) * every) === i);
  const rows = shown.map((point) => [
    formatSeconds(point.tpotSeconds),
    point.costPerMillionTokens!.toFixed(2),
    bareRate(point.tokensPerSecondPerDevice),
    formatSeconds(point.ttftSeconds),
    point.layout,
    point.hardware,
    point.batch.toPrecision(3),
  ]);
  const p = `p${Number((100 * share).toPrecision(4))}`;
  const columns: readonly RankedColumn[] = [
    { title: `TPOT ${p}`, rank: 1 },
    { title: "USD/M tokens", rank: 1 },
    { title: "tokens/s a device", rank: 4 },
    { title: `TTFT ${p}`, rank: 3 },
    { title: "layout", align: "left", rank: 2 },
    { title: "hardware", align: "left", rank: 2 },
    { title: "batch", rank: 5 },
  ];
  const { text, leftOut } = narrowTable(columns, rows, widthColumns);
  return `The front, quicker against cheaper (whole fleets of many replicas):\n${text}${leftOutText(leftOut)}`;
}

const whatIfColumns: readonly RankedColumn[] = [
  { title: "what if", align: "left", rank: 1 },
  { title: "fleet", align: "left", rank: 1 },
  { title: "hardware", align: "left", rank: 6 },
  { title: "devices", rank: 1 },
  { title: "USD/h", rank: 2 },
  { title: "USD/M", rank: 5 },
  { title: "TPOT", rank: 4 },
  { title: "cache a request", rank: 3 },
];

/** Lines of published quality that are printed of a change; --json has all. */
const shownQuality = 3;

export function whatIfTable(rows: readonly WhatIfRow[], widthColumns: number): string {
  const cells = rows.map((row) => [
    row.label,
    row.fleet ?? "nothing fits",
    row.hardware ?? "",
    row.devices === null ? "-" : String(row.devices),
    dollars(row.costPerHour),
    dollars(row.costPerMillionTokens),
    row.tpotSeconds === null ? "-" : formatSeconds(row.tpotSeconds),
    row.requestCacheBytes === null ? "-" : formatBytes(row.requestCacheBytes),
  ]);
  const { text, leftOut } = narrowTable(whatIfColumns, cells, widthColumns);
  const quality = rows.flatMap(({ label, quality: said }) => {
    const more = said.length - shownQuality;
    return [
      ...said.slice(0, shownQuality).map((each) => `  ${label}: ${each}\n`),
      ...(more > 0 ? [`  ${label}: ${more} more (--json has all)\n`] : []),
    ];
  });
  const head = quality.length === 0 ? "" : `Published quality of such changes, of other models:\n${quality.join("")}`;
  return `${text}${leftOutText(leftOut)}${head}`;
}
