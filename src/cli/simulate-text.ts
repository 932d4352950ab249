/** A simulation for reading. */

import { fleetText } from "../planning/candidate.ts";
import type { FixedFleet } from "../planning/fixed-fleet.ts";
import { tpotDefinition } from "../planning/objectives.ts";
import type { PlanQuestion } from "../planning/plan-question.ts";
import type { SimulatedFleet } from "../planning/simulated-fleet.ts";
import { formatPercent, formatSeconds } from "../quantity/format-quantity.ts";
import type { LatencyDistribution } from "../serving/latency-sketch.ts";
import { textTable } from "./text-table.ts";

export interface SimulateView {
  readonly question: PlanQuestion;
  readonly fleet: FixedFleet;
  readonly run: SimulatedFleet;
  readonly notes: readonly string[];
  readonly seed: number;
}

export function simulateText({ question, fleet, run, notes, seed }: SimulateView): string {
  const { model, workload, load, objectives } = question;
  const { candidate, isSteady } = fleet;
  const { result } = run;
  const { planned, machine } = candidate;
  const amount = load.kind === "rate" ? `${Number(load.amount.toPrecision(6))} requests/s` : `${load.amount} users`;
  const share = objectives.share;
  const p = `p${Number((100 * share).toPrecision(4))}`;
  const closed = (seconds: number): string => (isSteady ? formatSeconds(seconds) : "-");
  const row = (name: string, times: LatencyDistribution, formed: string): string[] => [
    name,
    ...[times.mean, times.p50, times.p90, times.quantile(share), times.p99, times.max].map(formatSeconds),
    formed,
  ];
  const rows = [
    row("TTFT", result.ttftSeconds, closed(candidate.load.ttftSeconds)),
    row("TPOT", result.tpotSeconds, closed(candidate.load.tpotSeconds)),
    row("end to end", result.endToEndSeconds, closed(candidate.load.endToEndSeconds)),
    row("waiting", result.queueSeconds, ""),
  ];
  const titles = ["", "mean", "p50", "p90", p, "p99", "max", `${p}, closed form`];
  const { arrived, completed, rejected, preempted } = result.requests;
  const wanted = [objectives.ttftSeconds, objectives.tpotSeconds, objectives.endToEndSeconds].some(
    (each) => each !== null,
  );
  const lines = [
    `${model.name} on ${fleetText(candidate)} of ${machine.hardware.name}, ${planned.engine.name}: ${amount}, prompt ${workload.input.text}, answer ${workload.output.text}; seed ${seed}`,
    "",
    textTable(
      titles.map((title) => ({ title })),
      rows,
    ).trimEnd(),
    "",
    `requests   ${arrived} arrived, ${completed} completed, ${rejected} rejected, ${preempted} pre-empted`,
    `output     ${result.tokensPerSecond.toPrecision(4)} tokens/s, ${result.requestsPerSecond.toPrecision(4)} requests/s, over ${formatSeconds(result.durationSeconds)}`,
    `in engine  ${result.meanRunning.toPrecision(3)} requests on average, ${result.meanWaiting.toPrecision(3)} wait; steps run ${formatPercent(result.utilization)} of the time`,
    `cache      at most ${formatPercent(result.peakCacheShare)} of the room full`,
    ...(wanted
      ? [
          `objectives ${formatPercent(result.goodputShare)} of the requests keep them all${run.misses.length > 0 ? `; missed: ${run.misses.join(", ")}` : ""}`,
        ]
      : []),
  ];
  const apart = run.disagreements.map(
    ({ figure, closedSeconds, simulatedSeconds }) =>
      `${figure}: the simulation is ${Math.round(100 * (simulatedSeconds / closedSeconds - 1))} % from the closed form`,
  );
  const overload = isSteady
    ? []
    : ["the closed form has no steady state: requests come faster than the fleet serves them"];
  const said = [tpotDefinition, ...overload, ...(isSteady ? apart : []), ...planned.engine.notes, ...notes];
  return `${lines.join("\n")}\n\n${said.map((each) => `note: ${each}\n`).join("")}`;
}
