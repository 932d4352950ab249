/** A plan for reading: the answer first, then what binds it, the others, and what it takes for granted. */

import type { CandidateRow } from "../planning/candidate-row.ts";
import { type Objectives, otherTpotDefinitions, tpotDefinition } from "../planning/objectives.ts";
import type { PlanQuestion } from "../planning/plan-question.ts";
import type { PlanReport } from "../planning/plan-report.ts";
import type { ReplicaArguments } from "../planning/replica-arguments.ts";
import type { SimulatedFleet } from "../planning/simulated-fleet.ts";
import type { WhatIfRow } from "../planning/what-if.ts";
import { formatBytes, formatPercent, formatRate, formatSeconds } from "../quantity/format-quantity.ts";
import { loadText } from "../reporting/load-text.ts";
import { apartText } from "./apart-text.ts";
import { labelledLine, separated } from "./labelled-line.ts";
import { candidatesTable, frontTable, reliefTable, whatIfTable } from "./plan-tables.ts";
import { textTable } from "./text-table.ts";

export interface PlanView {
  readonly question: PlanQuestion;
  readonly report: PlanReport;
  readonly simulated: readonly SimulatedFleet[];
  /** Replicas of the best fleet's with which the simulation keeps all objectives, where they are others than planned. */
  readonly simulatedReplicas: number | null;
  readonly whatIf: readonly WhatIfRow[];
  readonly engineArguments: readonly ReplicaArguments[];
  readonly notes: readonly string[];
  readonly verbose: boolean;
}

/** @param widthColumns of the terminal, which tables and lines of figures keep to */
export function planText(view: PlanView, widthColumns: number): string {
  const { question, report, simulated, whatIf, notes, verbose } = view;
  const { best } = report;
  const parts = [heading(question)];
  if (best === null) parts.push(nothingFits(report));
  else {
    parts.push(answer(best, view, widthColumns));
    parts.push(memoryText(best, widthColumns));
    parts.push(bindsText(report));
    parts.push(candidatesTable(report, simulated, widthColumns));
    if (report.paretoFront.length > 1) parts.push(frontTable(report, question.objectives, widthColumns));
  }
  if (whatIf.length > 0) parts.push(whatIfTable(whatIf, widthColumns));
  if (best !== null) parts.push(argumentsText(view));
  parts.push(rejectedText(report, verbose));
  const definitions = [`${tpotDefinition}; p${percentile(question.objectives)} over requests`];
  if (verbose) definitions.push(...otherTpotDefinitions.map((each) => `elsewhere: ${each}`));
  const said = [...definitions, ...report.assumptions, ...report.notes, ...notes].map((each) => `note: ${each}\n`);
  parts.push([...new Set(said)].join(""));
  return parts.filter((part) => part !== "").join("\n");
}

function percentile({ share }: Objectives): number {
  return Number((100 * share).toPrecision(4));
}

function heading({ model, workload, load, objectives }: PlanQuestion): string {
  const wanted = [
    ...(objectives.ttftSeconds === null ? [] : [`TTFT ${formatSeconds(objectives.ttftSeconds)}`]),
    ...(objectives.tpotSeconds === null ? [] : [`TPOT ${formatSeconds(objectives.tpotSeconds)}`]),
    ...(objectives.endToEndSeconds === null ? [] : [`end to end ${formatSeconds(objectives.endToEndSeconds)}`]),
  ];
  const goals = wanted.length === 0 ? "no objectives" : `p${percentile(objectives)} ${wanted.join(", ")}`;
  return `${model.name}: ${loadText(load)}, prompt ${workload.input.text}, answer ${workload.output.text}; ${goals}\n`;
}

/** Columns of the labels on the left. */
const labels = 13;

function answer(
  best: CandidateRow,
  { question: { objectives }, simulated: [simulated], simulatedReplicas }: PlanView,
  widthColumns: number,
): string {
  const devices = `${best.devices} ${best.devices === 1 ? "device" : "devices"}`;
  const nodes = `${best.nodes} ${best.nodes === 1 ? "node" : "nodes"}`;
  const line = (label: string, parts: readonly string[], separator: "," | ";" = ","): string =>
    labelledLine(`  ${label}`, separated(parts, separator), labels, widthColumns);
  const times = [
    `TTFT ${timeText(best.ttftSeconds, best.ttftInterval)}`,
    `TPOT ${timeText(best.tpotSeconds, best.tpotInterval)}`,
    `end to end ${formatSeconds(best.endToEndSeconds)} (p${percentile(objectives)})`,
  ];
  const { powerWatts, joulesPerToken } = best;
  const power =
    powerWatts === null || joulesPerToken === null
      ? ""
      : line("power", [`up to ${(powerWatts / 1000).toPrecision(3)} kW`, `${joulesPerToken.toPrecision(3)} J a token`]);
  return [
    `${best.fleet} on ${best.hardware}: ${devices} in ${nodes}${costText(best)}\n`,
    line("formats", [`${best.weights} weights`, `${best.kvCache} cache`, best.engine]),
    line("times", times),
    line("batch", [`${best.batch.toPrecision(3)} sequences decode in a replica on average`, fitText(best)]),
    line("output", [`${formatRate(best.tokensPerSecond)} in all`, `utilisation ${formatPercent(best.utilization)}`]),
    power,
    simulated === undefined
      ? ""
      : line("simulated", [...simulatedParts(simulated), ...fewestText(best, simulatedReplicas)], ";"),
  ].join("");
}

function fewestText({ replicas }: CandidateRow, simulatedReplicas: number | null): string[] {
  if (simulatedReplicas === null) return [];
  return [`${simulatedReplicas} replicas in the place of ${replicas} would keep all objectives`];
}

function fitText({ maxSequences }: CandidateRow): string {
  if (!Number.isFinite(maxSequences)) return "as many as one likes fit";
  return `at most ${maxSequences} ${maxSequences === 1 ? "fits" : "fit"}`;
}

function costText({ costPerHour, costPerMillionTokens }: CandidateRow): string {
  if (costPerHour === null || costPerMillionTokens === null) return "";
  return `, ${costPerHour.toFixed(2)} USD/h, ${costPerMillionTokens.toFixed(2)} USD a million tokens`;
}

function timeText(seconds: number, interval: CandidateRow["ttftInterval"]): string {
  if (interval === null) return formatSeconds(seconds);
  return `${formatSeconds(seconds)} (${formatSeconds(interval.low)} to ${formatSeconds(interval.high)})`;
}

function simulatedParts({
  result,
  ttftSeconds,
  tpotSeconds,
  endToEndSeconds,
  disagreements,
  misses,
}: SimulatedFleet): string[] {
  const { requests, goodputShare } = result;
  const apart = disagreements.map((each) => `${each.figure} ${apartText(each)} the closed form`);
  const faults = [
    ...misses.map((name) => `MISSES ${name}`),
    ...(requests.rejected > 0 ? [`${requests.rejected} rejected`] : []),
    ...(requests.preempted > 0 ? [`${requests.preempted} pre-empted`] : []),
  ];
  const times = `TTFT ${formatSeconds(ttftSeconds)}, TPOT ${formatSeconds(tpotSeconds)}, end to end ${formatSeconds(endToEndSeconds)}`;
  const kept = `${formatPercent(goodputShare)} of ${requests.completed} requests keep all objectives`;
  return [times, kept, ...faults, ...apart];
}

function memoryText({ memory }: CandidateRow, widthColumns: number): string {
  const parts: readonly (readonly [string, number])[] = [
    ["weights", memory.weightBytes],
    ["cache", memory.cacheBytes],
    ["free for caches", memory.freeBytes],
    ["activations", memory.activationBytes],
    ["runtime", memory.runtimeBytes],
    ["collectives", memory.collectiveBytes],
    ["fragmentation", memory.fragmentationBytes],
    ["reserve", memory.reserveBytes],
  ];
  const shown = parts.filter(([, bytes]) => bytes > 0).map(([name, bytes]) => `${name} ${formatBytes(bytes)}`);
  const label = `Memory of a device, ${formatBytes(memory.capacityBytes)}: `;
  return labelledLine(label, separated(shown, ","), label.length, widthColumns);
}

function bindsText({ best, reliefs }: PlanReport): string {
  if (best === null) return "";
  const isSaid = best.binding === "none" || best.binding === "objective";
  const bound = isSaid ? best.bindingText : `${best.binding}: ${best.bindingText}`;
  return `What binds: ${bound}\n${reliefs.length === 0 ? "" : `\n${reliefTable(reliefs, best)}`}`;
}

/** What came nearest, and what would make it fit. */
export function nothingFits({ nearestMiss: miss }: PlanReport): string {
  if (miss === null) return "nothing fits: no layout is possible\n";
  const near = `nothing fits. Nearest: ${miss.layout} on ${miss.hardware}: ${miss.reason}\n`;
  const fixes = miss.fixes.map(({ change, fleet, hardware }) => `  fits with ${change}: ${fleet} on ${hardware}\n`);
  return near + (fixes.length === 0 ? "  no single change helps\n" : fixes.join(""));
}

/** Of the engine that was planned; of all that can be told with --verbose. */
function argumentsText({ question, report, engineArguments, verbose }: PlanView): string {
  const shown = verbose ? engineArguments : engineArguments.filter(({ engine }) => engine === report.best?.engine);
  const texts = shown.map(({ engine, separated, command, notes }) => {
    const role = separated === null ? "" : ` (${separated})`;
    const named = `with the checkpoint's name in the place of ${question.model.id}`;
    return `${engine}${role}, ${named}:\n  ${command.replaceAll("\n", "\n  ")}\n${verbose ? notes.map((note) => `  # ${note}\n`).join("") : ""}`;
  });
  return texts.join("");
}

function rejectedText({ rejected, configurations }: PlanReport, verbose: boolean): string {
  const counts = new Map<string, number>();
  for (const { kind } of rejected) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const words = {
    rules: "by the model's or the machine's rules",
    memory: "for memory",
    objective: "for an objective",
    limit: "for a limit",
  };
  const summary = [...counts].map(([kind, count]) => `${count} ${words[kind as keyof typeof words]}`).join(", ");
  const head = `Looked at ${configurations.toLocaleString("en-US")} configurations; layouts refused: ${summary === "" ? "none" : summary}\n`;
  if (!verbose) return head;
  const rows = rejected.map((each) => [
    each.hardware,
    `TP ${each.tp} PP ${each.pp} EP ${each.ep}`,
    each.weights === null ? "" : `${each.weights}/${each.kvCache}`,
    each.reason,
  ]);
  const columns = ["hardware", "layout", "formats", "reason"].map((title) => ({ title, align: "left" as const }));
  return `${head}${rows.length === 0 ? "" : textTable(columns, rows)}`;
}
