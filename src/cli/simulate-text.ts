/** A simulation for reading. */

import { fleetText } from "../planning/candidate.ts";
import { type FixedFleet, hasTokensAfterFirst } from "../planning/fixed-fleet.ts";
import { tpotDefinition } from "../planning/objectives.ts";
import type { PlanQuestion } from "../planning/plan-question.ts";
import type { SimulatedFleet } from "../planning/simulated-fleet.ts";
import { formatPercent, formatRate, formatSeconds } from "../quantity/format-quantity.ts";
import { loadText } from "../reporting/load-text.ts";
import type { SimulationDrawing } from "../reporting/simulation-chart.ts";
import type { LatencyDistribution } from "../serving/latency-sketch.ts";
import { apartText } from "./apart-text.ts";
import { labelledLine, separated } from "./labelled-line.ts";
import { leftOutText, narrowTable, type RankedColumn } from "./narrow-table.ts";

export interface SimulateView {
  readonly question: PlanQuestion;
  readonly fleet: FixedFleet;
  readonly run: SimulatedFleet;
  readonly notes: readonly string[];
  readonly seed: number;
}

/** Columns of the labels on the left. */
const labels = 11;

/** @param widthColumns of the terminal, which the table and lines of figures keep to */
/** What a chart of the run takes. */
export function drawingOf({ question, fleet: { candidate }, run }: SimulateView): SimulationDrawing {
  return { question, fleet: fleetText(candidate), hardware: candidate.machine.hardware.id, run };
}

export function simulateText({ question, fleet, run, notes, seed }: SimulateView, widthColumns: number): string {
  const { model, workload, load, objectives } = question;
  const { candidate, isSteady } = fleet;
  const { result } = run;
  const { planned, machine } = candidate;
  const line = (label: string, parts: readonly string[], separator: "," | ";" = ","): string =>
    labelledLine(label, separated(parts, separator), label === "" ? 0 : labels, widthColumns);
  const { arrived, completed, rejected, preempted } = result.requests;
  const wanted = [objectives.ttftSeconds, objectives.tpotSeconds, objectives.endToEndSeconds].some(
    (each) => each !== null,
  );
  const missed = run.misses.length > 0 ? [`missed: ${run.misses.join(", ")}`] : [];
  const place = `${model.name} on ${fleetText(candidate)} of ${machine.hardware.name}`;
  const lengths = [`prompt ${workload.input.text}`, `answer ${workload.output.text}`];
  const text = [
    line("", [place, `${planned.engine.name}: ${loadText(load)}`, ...lengths, `seed ${seed}`]),
    "\n",
    timesTable(question, fleet, run, widthColumns),
    "\n",
    line("requests", [
      `${arrived} arrived`,
      `${completed} completed`,
      `${rejected} rejected`,
      `${preempted} pre-empted`,
    ]),
    line("output", [
      formatRate(result.tokensPerSecond),
      `${result.requestsPerSecond.toPrecision(4)} requests/s`,
      `over ${formatSeconds(result.durationSeconds)}`,
    ]),
    line("in engine", [
      `${count(result.meanRunning)} requests on average`,
      `${count(result.meanWaiting)} wait`,
      `steps run ${formatPercent(result.utilization)} of the time`,
    ]),
    line("cache", [`at most ${formatPercent(result.peakCacheShare)} of the room full`]),
    wanted
      ? line("objectives", [`${formatPercent(result.goodputShare)} of the requests keep them all`, ...missed], ";")
      : "",
  ];
  const apart = run.disagreements.map((each) => `${each.figure}: the simulation is ${apartText(each)} the closed form`);
  const overload = hasTokensAfterFirst(workload)
    ? "the closed form has no steady state: requests come faster than the fleet serves them"
    : "the closed form is of answers of two tokens and more";
  const said = [tpotDefinition, ...(isSteady ? apart : [overload]), ...planned.engine.notes, ...notes];
  return `${text.join("")}\n${said.map((each) => `note: ${each}\n`).join("")}`;
}

/** Mean, percentiles and maximum of each time, and what the closed form says at the objectives' percentile. */
function timesTable(
  { objectives }: PlanQuestion,
  { candidate, isSteady }: FixedFleet,
  { result }: SimulatedFleet,
  widthColumns: number,
): string {
  const own = Number((100 * objectives.share).toPrecision(4));
  const percentiles = [...new Set([50, 90, own, 99])].sort((a, b) => a - b);
  const closed = (seconds: number): string => (isSteady ? formatSeconds(seconds) : "-");
  const row = (name: string, times: LatencyDistribution, formed: string): string[] => [
    name,
    formatSeconds(times.mean),
    ...percentiles.map((percentile) => formatSeconds(times.quantile(percentile / 100))),
    formatSeconds(times.max),
    formed,
  ];
  const { load } = candidate;
  const columns: readonly RankedColumn[] = [
    { title: "", align: "left", rank: 1 },
    { title: "mean", rank: 2 },
    ...percentiles.map((percentile) => ({ title: `p${percentile}`, rank: percentile === own ? 1 : 3 })),
    { title: "max", rank: 4 },
    { title: `p${own}, closed form`, rank: 2 },
  ];
  const rows = [
    row("TTFT", result.ttftSeconds, closed(load.ttftSeconds)),
    row("TPOT", result.tpotSeconds, closed(load.tpotSeconds)),
    row("end to end", result.endToEndSeconds, closed(load.endToEndSeconds)),
    row("waiting", result.queueSeconds, ""),
  ];
  const { text, leftOut } = narrowTable(columns, rows, widthColumns);
  return `${text}${leftOutText(leftOut)}`;
}

/** A mean number of requests. */
function count(mean: number): string {
  return formatRate(mean).replace(" tokens/s", "");
}
