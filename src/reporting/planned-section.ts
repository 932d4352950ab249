/** One situation of reports/planning.md: the question, its command, the answer, what binds it, and the others. */
import type { CandidateRow } from "../planning/candidate-row.ts";
import type { Objectives } from "../planning/objectives.ts";
import type { PlanQuestion } from "../planning/plan-question.ts";
import type { PlanReport } from "../planning/plan-report.ts";
import type { SimulatedFleet } from "../planning/simulated-fleet.ts";
import { formatPercent, formatRate, formatSeconds } from "../quantity/format-quantity.ts";
import { loadText } from "./load-text.ts";
import { chartFigure } from "./markdown.ts";
import { planChart } from "./plan-chart.ts";
import { type PlanSituation, planFilePath } from "./plan-situations.ts";
import type { PlannedSituation } from "./planned-situation.ts";
import {
  changesTable,
  dollarsText,
  fleetsTable,
  memoryTable,
  percentileText,
  reliefTable,
  timesTable,
} from "./planned-tables.ts";
import type { ReportChart } from "./report-page.ts";

/** None where nothing fits. */
export function plannedCharts({ situation, question, report, simulated }: PlannedSituation): readonly ReportChart[] {
  if (simulated === null) return [];
  const drawing = { question, report, simulated: [simulated] };
  const chart = (kind: "cost" | "latency", alt: string): ReportChart => ({
    ...{ name: `plan-${situation.id}-${kind}`, alt },
    command: { words: ["plan"], options: { ...commandOptions(situation), "chart-kind": kind } },
    spec: planChart(drawing, kind),
  });
  const about = `${question.model.name}, ${loadText(question.load)}`;
  return [
    chart("cost", `${about}: the front of plans, cost or throughput against time an output token`),
    chart("latency", `${about}: how many simulated requests are served within how long`),
  ];
}

export function plannedSection(planned: PlannedSituation): string {
  const { situation, question, report, simulated } = planned;
  const { best } = report;
  const head = `## ${situation.title}

${situation.text} ${questionText(question)}

${commandText(situation)}`;
  if (best === null) return `${head}\n${missText(report)}`;
  const [front, latency] = plannedCharts(planned).map(chartFigure);
  return `${head}
**${best.fleet}** on ${best.hardware}: ${answerText(best)}

${timesTable(planned)}
${simulated === null ? "" : simulatedText(simulated, question.objectives)}

${bindsText(best)} ${reliefTable(planned)}
Memory of a device${best.prefill === null ? "" : " that decodes"}; at most ${best.maxSequences} requests fit into a replica, ${best.batch.toPrecision(3)} decode on average:

${memoryTable(best)}
${othersText(planned)}
${front}
${latency}
${planned.changes.length === 0 ? "" : `### What if its attention or its formats were others\n\n${changesTable(planned)}`}`;
}

function commandOptions(situation: PlanSituation): Readonly<Record<string, string>> {
  return { file: planFilePath(situation), ...situation.options };
}

function commandText(situation: PlanSituation): string {
  const flags = Object.entries(commandOptions(situation)).map(([name, value]) => `--${name} ${value}`);
  const path = planFilePath(situation);
  return `\`\`\`\nridgepoint plan ${flags.join(" ")}\n\`\`\`\n\n[${path}](../${path})\n`;
}

/** @example "Llama 3.1 70B, 1 request/s, prompt 30000 tokens, answer 500 tokens; p95 of TTFT within 5.00 s; on h200 or mi300x." */
function questionText({ model, load, workload, objectives, machines }: PlanQuestion): string {
  const { ttftSeconds, tpotSeconds, endToEndSeconds } = objectives;
  const goals = [
    ...(ttftSeconds === null ? [] : [`TTFT within ${formatSeconds(ttftSeconds)}`]),
    ...(tpotSeconds === null ? [] : [`TPOT within ${formatSeconds(tpotSeconds)}`]),
    ...(endToEndSeconds === null ? [] : [`end to end within ${formatSeconds(endToEndSeconds)}`]),
  ];
  const wanted = goals.length === 0 ? "no objective of time" : `${percentileText(objectives)} of ${goals.join(", ")}`;
  const on = machines.map(({ hardware }) => hardware.id);
  const devices = on.length === 1 ? on[0] : `${on.slice(0, -1).join(", ")} or ${on.at(-1)}`;
  const lengths = `prompt ${workload.input.text}, answer ${workload.output.text}`;
  return `${model.name}, ${loadText(load)}, ${lengths}; ${wanted}; on ${devices}.`;
}

function othersText(planned: PlannedSituation): string {
  const { candidates, configurations } = planned.report;
  const looked = `${configurations.toLocaleString("en-US")} configurations looked at`;
  if (candidates.length === 1) return `No other fleet holds (${looked}).\n`;
  return `The best of ${candidates.length} fleets that hold, and those that came next (${looked}):\n\n${fleetsTable(planned)}`;
}

function answerText(best: CandidateRow): string {
  const devices = `${best.devices} ${best.devices === 1 ? "device" : "devices"}`;
  const nodes = `${best.nodes} ${best.nodes === 1 ? "node" : "nodes"}`;
  const cost =
    best.costPerHour === null
      ? ", of which no price is known"
      : best.costPerHour === 0
        ? ", there already"
        : `, ${dollarsText(best.costPerHour)} USD/h, ${dollarsText(best.costPerMillionTokens)} USD a million output tokens`;
  const power =
    best.powerWatts === null || best.joulesPerToken === null
      ? ""
      : `, up to ${(best.powerWatts / 1000).toPrecision(3)} kW and ${best.joulesPerToken.toPrecision(3)} J a token`;
  const formats = `${best.weights} weights and ${best.kvCache} cache under ${best.engine}`;
  return `${devices} in ${nodes}${cost}${power}; ${formats}; ${formatRate(best.tokensPerSecond)} at a utilisation of ${formatPercent(best.utilization)}.`;
}

function simulatedText({ result, misses, disagreements }: SimulatedFleet, objectives: Objectives): string {
  const { completed, rejected, preempted } = result.requests;
  const { ttftSeconds, tpotSeconds, endToEndSeconds } = objectives;
  const hasObjective = [ttftSeconds, tpotSeconds, endToEndSeconds].some((each) => each !== null);
  const many = completed.toLocaleString("en-US");
  const kept = hasObjective
    ? `Of ${many} simulated requests ${formatPercent(result.goodputShare)} keep all objectives`
    : `${many} requests were simulated`;
  const faults = [
    ...(rejected > 0 ? [`${rejected} were rejected`] : []),
    ...(preempted > 0 ? [`${preempted} pre-empted`] : []),
    ...(misses.length > 0 ? [`**the simulation misses ${misses.join(" and ")}**`] : []),
  ];
  const apart = disagreements.map(({ figure, closedSeconds, simulatedSeconds }) => {
    const percent = Math.round(100 * (simulatedSeconds / closedSeconds - 1));
    return `${figure} is ${Math.abs(percent)} % ${percent < 0 ? "shorter" : "longer"} than the closed form's`;
  });
  return `${[kept, ...faults].join("; ")}.${apart.length === 0 ? "" : ` Simulated ${apart.join(", ")}.`}`;
}

function bindsText({ binding, bindingText }: CandidateRow): string {
  return binding === "none" ? `**Nothing binds**: ${bindingText}.` : `**What binds** (${binding}): ${bindingText}.`;
}

function missText({ nearestMiss: miss, configurations }: PlanReport): string {
  const looked = `${configurations.toLocaleString("en-US")} configurations were looked at.`;
  if (miss === null) return `**Nothing fits** (exit code 3), no layout is possible. ${looked}\n`;
  const fixes = miss.fixes.map(({ change, fleet, hardware }) => `- with ${change}: ${fleet} on ${hardware}\n`);
  const helps = fixes.length === 0 ? " No single change helps." : " It fits";
  return `**Nothing fits** (exit code 3). Nearest is ${miss.layout} on ${miss.hardware}: ${miss.reason}. ${looked}${helps}\n\n${fixes.join("")}`;
}
