/** reports/planning.md: six real situations planned, each with its command, and what keys and values cost in money. */
import { tpotDefinition } from "../planning/objectives.ts";
import type { WhatIfRow } from "../planning/what-if.ts";
import { formatRatio, formatSeconds } from "../quantity/format-quantity.ts";
import { attentionName } from "./chart-setup.ts";
import { markdownTable } from "./markdown.ts";
import { plannedFleetsCsv } from "./planned-fleets-csv.ts";
import { plannedCharts, plannedSection } from "./planned-section.ts";
import { type PlannedSituation, plannedSituation } from "./planned-situation.ts";
import { dollarsText, percentileText } from "./planned-tables.ts";
import type { ReportCatalog } from "./report-catalog.ts";
import type { ReportPage } from "./report-page.ts";

/** Null where the plan files are not there. */
export function planningPage({ plans }: ReportCatalog): ReportPage | null {
  return plans.length === 0 ? null : pageOfPlans(plans.map(plannedSituation));
}

export function pageOfPlans(all: readonly PlannedSituation[]): ReportPage {
  const text = `# Six situations planned

How many of which devices, laid out how, serve a model at a rate within objectives, at what cost, and what binds. Every figure is
\`ridgepoint plan\`'s own; the plan files are in [examples/plans](../examples/plans), their form in
[docs/plan-file.md](../docs/plan-file.md). Prices are the hardware profiles', list prices that \`--price\` replaces.

${summaryTable(all)}
- Fleets are replicas × (TP, tensor parallel × PP, pipeline parallel × EP, expert parallel); with "prefill" and "decode", prompts are
  computed on replicas of their own.
- ${tpotDefinition}. TTFT runs from a request's arrival to its first token.
- The closed form finds the fleet; 90 % intervals are those of mean times of runs that no fit saw. The simulation then serves drawn
  requests one by one: the same seed, the same figures.
- In the charts the ring is the fleet itself, whose replicas are whole; the marks are layouts at many batches, as if a fleet had any
  number of replicas, of each kind of device those that no other of that kind beats. The line joins the ones that none beats.
- USD/M is US dollars a million output tokens. All fleets that hold: [data/planning.csv](data/planning.csv).

${all.map(plannedSection).join("\n")}
## What keys and values cost

${costText(all)}

${costTable(all)}
"As it is" stands for the attention that the model was published with; under another one nobody has trained it. An operator asks
about the network that is served, so nothing else is widened to make up for the lost parameters. Published quality of such changes, of
other models, what says most first (the command prints more of them):

${qualityList(all)}`;
  return {
    path: "planning.md",
    text,
    charts: all.flatMap(plannedCharts),
    tables: [{ name: "planning.csv", text: plannedFleetsCsv(all) }],
  };
}

function summaryTable(all: readonly PlannedSituation[]): string {
  const rows = all.map(({ situation, question, report: { best }, simulated }) => {
    const what = `[${situation.title}](#${anchorOf(situation.title)})`;
    if (best === null || simulated === null) return [what, "nothing fits", ...["–", "–", "–", "–", "–", "–", "–"]];
    return [
      ...[what, best.fleet, best.hardware, String(best.devices), dollarsText(best.costPerHour)],
      dollarsText(best.costPerMillionTokens),
      `${formatSeconds(simulated.ttftSeconds)} / ${formatSeconds(simulated.tpotSeconds)}${simulated.misses.length > 0 ? ", missed" : ""}`,
      percentileText(question.objectives),
      best.binding,
    ];
  });
  const titles = [
    "situation",
    "fleet",
    "on",
    "devices:",
    "USD/h:",
    "USD/M:",
    "TTFT / TPOT, simulated:",
    "at:",
    "binds",
  ];
  return markdownTable(titles, rows);
}

/** As renderers of Markdown name a heading. */
function anchorOf(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^a-z0-9 -]/g, "")
    .replaceAll(" ", "-");
}

/** The situations whose devices cost something, with their first row: as it is. */
function priced(all: readonly PlannedSituation[]): { readonly planned: PlannedSituation; readonly asIs: WhatIfRow }[] {
  return all.flatMap((planned) => {
    const [asIs] = planned.changes;
    return asIs === undefined || !((asIs.costPerHour ?? 0) > 0) ? [] : [{ planned, asIs }];
  });
}

/** Of each situation the fleet's cost an hour under each change. */
function costTable(all: readonly PlannedSituation[]): string {
  const changes = ["attention=mha", "attention=gqa:8", "kv-heads=1", "kv-cache=int8"];
  const titles = ["situation", "as it is:", "MHA:", "GQA-8:", "MQA:", "int8 cache:"];
  const rows = priced(all).map(({ planned: { situation, question, changes: own }, asIs }) => [
    situation.title,
    `${dollarsText(asIs.costPerHour)} (${attentionName(question.model)})`,
    ...changes.map((change) => {
      const row = own.find((each) => each.change === change);
      if (row === undefined) return "";
      if (row.fleet === null || row.costPerHour === null || asIs.costPerHour === null) return "nothing fits";
      return `${row.costPerHour.toFixed(2)}, ${formatRatio(row.costPerHour / asIs.costPerHour)}`;
    }),
  ]);
  return `USD/h of the fleet, and how many times the cost as it is:\n\n${markdownTable(titles, rows)}`;
}

/** The situation in which multi-head attention costs most, in its own numbers. */
function costText(all: readonly PlannedSituation[]): string {
  const found = priced(all).flatMap(({ planned, asIs }) => {
    const cost = (change: string): number | null =>
      planned.changes.find((row) => row.change === change)?.costPerHour ?? null;
    const [mha, mqa] = [cost("attention=mha"), cost("kv-heads=1")];
    const own = asIs.costPerHour;
    if (mha === null || mqa === null || own === null || !(mha > own && own > mqa)) return [];
    return [{ title: planned.situation.title, own, mha, mqa }];
  });
  const [most] = found.sort((a, b) => b.mha / b.mqa - a.mha / a.mqa);
  if (most === undefined) return "";
  return `Shazeer 2019 counted bytes; a fleet counts money. Sharing keys and values matters most where caches are large and many are read: "${most.title}"
costs ${most.mha.toFixed(2)} USD/h with multi-head attention, ${most.own.toFixed(2)} as it is and ${most.mqa.toFixed(2)} with multi-query attention. Where a few devices
hold the model anyway, the same change saves nothing.`;
}

/** Lines of each kind of change that are shown. */
const shownQuality = 3;

function qualityList(all: readonly PlannedSituation[]): string {
  const byChange = new Map<string, string[]>();
  for (const row of all.flatMap(({ changes }) => changes)) {
    const lines = byChange.get(row.label) ?? [];
    byChange.set(row.label, [...lines, ...row.quality.slice(0, shownQuality).filter((each) => !lines.includes(each))]);
  }
  return [...byChange].flatMap(([, lines]) => lines.slice(0, shownQuality).map((line) => `- ${line}\n`)).join("");
}
