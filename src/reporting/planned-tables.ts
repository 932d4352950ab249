/** The tables of one planned situation in Markdown: times, memory, relief, runners-up, and what the attention costs. */
import type { CandidateRow } from "../planning/candidate-row.ts";
import type { Objectives } from "../planning/objectives.ts";
import { formatBytes, formatPercent, formatRate, formatSeconds } from "../quantity/format-quantity.ts";
import { attentionName } from "./chart-setup.ts";
import { markdownTable } from "./markdown.ts";
import type { PlannedSituation } from "./planned-situation.ts";

/** Fleets that lost, of each situation; the table has them all. */
const shownFleets = 5;
/** What the search itself may be off by. */
const leastGain = 0.005;

/** @example "p95", "p99.9" */
export function percentileText({ share }: Objectives): string {
  return `p${Number((100 * share).toPrecision(4))}`;
}

/** @example "21.51", "–" */
export function dollarsText(amount: number | null): string {
  return amount === null ? "–" : amount.toFixed(2);
}

/** The closed form beside the simulation. */
export function timesTable({ report: { best }, simulated, question: { objectives } }: PlannedSituation): string {
  if (best === null || simulated === null) return "";
  const p = percentileText(objectives);
  const { result } = simulated;
  const rows = [
    {
      ...{ name: "TTFT", wanted: objectives.ttftSeconds, closed: best.ttftSeconds, interval: best.ttftInterval },
      ...{ times: result.ttftSeconds, at: simulated.ttftSeconds },
    },
    {
      ...{ name: "TPOT", wanted: objectives.tpotSeconds, closed: best.tpotSeconds, interval: best.tpotInterval },
      ...{ times: result.tpotSeconds, at: simulated.tpotSeconds },
    },
    {
      ...{ name: "end to end", wanted: objectives.endToEndSeconds, closed: best.endToEndSeconds, interval: null },
      ...{ times: result.endToEndSeconds, at: simulated.endToEndSeconds },
    },
  ];
  return markdownTable(
    ["", "objective:", `${p}, closed form:`, "90 %:", `${p}, simulated:`, "p50:", "p90:", "p99:", "most:"],
    rows.map(({ name, wanted, closed, interval, times, at }) => [
      ...[name, wanted === null ? "–" : formatSeconds(wanted), formatSeconds(closed)],
      interval === null ? "–" : `${formatSeconds(interval.low)} to ${formatSeconds(interval.high)}`,
      ...[at, times.p50, times.p90, times.p99, times.max].map(formatSeconds),
    ]),
  );
}

/** Of one device, of those that decode where prompts have their own. */
export function memoryTable({ memory }: CandidateRow): string {
  const parts: readonly (readonly [string, number])[] = [
    ["weights:", memory.weightBytes],
    ["cache, on average:", memory.cacheBytes],
    ["free for caches:", memory.freeBytes],
    ["activations:", memory.activationBytes],
    ["runtime:", memory.runtimeBytes],
    ["collectives:", memory.collectiveBytes],
    ["fragmentation:", memory.fragmentationBytes],
    ["reserve:", memory.reserveBytes],
    ["in all:", memory.capacityBytes],
  ];
  const shown = parts.filter(([, bytes]) => bytes > 0);
  return markdownTable(
    shown.map(([name]) => name),
    [shown.map(([, bytes]) => formatBytes(bytes))],
  );
}

/** What a quarter more of each thing would change: a table, or in words that nothing would. */
export function reliefTable({ report: { best, reliefs } }: PlannedSituation): string {
  if (best === null || reliefs.length === 0) return "";
  const isNothing = reliefs.every(
    ({ devices, moreLoadPerDevice }) => devices === best.devices && moreLoadPerDevice < leastGain,
  );
  if (isNothing) {
    const all = reliefs.map(({ what }) => what);
    return `A quarter more of one thing alone (${all.join(", ")}) would spare no device.\n`;
  }
  const table = markdownTable(
    ["a quarter more", "load a device:", "devices:", "USD/h:"],
    reliefs.map(({ what, devices, costPerHour, moreLoadPerDevice }) => [
      what,
      moreLoadPerDevice < leastGain ? "–" : `+${(100 * moreLoadPerDevice).toFixed(0)} %`,
      devices === best.devices ? `${devices}, as now` : String(devices),
      dollarsText(costPerHour),
    ]),
  );
  return `What a quarter more of one thing would change:\n\n${table}`;
}

/** The best and those that lost to it. */
export function fleetsTable({ report: { candidates } }: PlannedSituation): string {
  const rows = candidates
    .slice(0, 1 + shownFleets)
    .map((row) => [
      ...[row.fleet, row.hardware, String(row.devices), dollarsText(row.costPerHour)],
      ...[dollarsText(row.costPerMillionTokens), formatSeconds(row.ttftSeconds), formatSeconds(row.tpotSeconds)],
      ...[formatRate(row.tokensPerSecond).replace(" tokens/s", ""), formatPercent(row.utilization)],
      ...[row.binding, row.lost ?? "the best"],
    ]);
  const titles = ["fleet", "on", "devices:", "USD/h:", "USD/M:", "TTFT:", "TPOT:", "tokens/s:", "use:", "binds", ""];
  return markdownTable(titles, rows);
}

export function changesTable({ changes, question: { model } }: PlannedSituation): string {
  const rows = changes.map((row) => [
    row.change === "" ? `as it is (${attentionName(model)})` : row.label,
    ...(row.fleet === null ? ["nothing fits", "–", "–"] : [row.fleet, row.hardware ?? "–", String(row.devices)]),
    ...[dollarsText(row.costPerHour), dollarsText(row.costPerMillionTokens)],
    row.tpotSeconds === null ? "–" : formatSeconds(row.tpotSeconds),
    row.requestCacheBytes === null ? "–" : formatBytes(row.requestCacheBytes),
  ]);
  const titles = ["what if", "fleet", "on", "devices:", "USD/h:", "USD/M:", "TPOT:", "cache of a request:"];
  return markdownTable(titles, rows);
}
