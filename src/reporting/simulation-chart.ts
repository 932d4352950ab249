/** The charts of a simulation: its course over time, and how its times are distributed. */
import type { ChartSpec } from "../charts/chart-spec.ts";
import { type LatencySeries, latencyDistributionChart } from "../charts/latency-distribution.ts";
import { servingTimelineChart } from "../charts/serving-timeline.ts";
import type { PlanQuestion } from "../planning/plan-question.ts";
import type { SimulatedFleet } from "../planning/simulated-fleet.ts";
import type { LatencyDistribution } from "../serving/latency-sketch.ts";
import { loadText } from "./load-text.ts";

export const simulationChartKinds = ["timeline", "latency"] as const;
export type SimulationChartKind = (typeof simulationChartKinds)[number];

export interface SimulationDrawing {
  readonly question: PlanQuestion;
  /** "2 × (TP 4)" */
  readonly fleet: string;
  /** The machine's id. */
  readonly hardware: string;
  readonly run: SimulatedFleet;
}

/** Points of the time series that are drawn. */
const mostPoints = 300;
/** Shares at which a distribution is drawn, closer together in its tail. */
const shares = [
  ...Array.from({ length: 45 }, (_, i) => (i + 1) / 50),
  ...[0.91, 0.92, 0.93, 0.94, 0.95, 0.96, 0.97, 0.98, 0.985, 0.99, 0.995, 0.999],
];

export function simulationChart(drawing: SimulationDrawing, kind: SimulationChartKind): ChartSpec {
  const { question, fleet, hardware, run } = drawing;
  const { load, model, objectives, workload } = question;
  const title = `${model.name}: ${kind === "timeline" ? "a simulation over time" : "how long simulated requests take"}`;
  const subtitle = `${fleet} on ${hardware}; ${loadText(load)}, prompt ${workload.input.text}, answer ${workload.output.text}`;
  if (kind === "timeline") {
    const { series } = run.result;
    const every = Math.max(1, Math.ceil(series.length / mostPoints));
    return servingTimelineChart({ title, subtitle, points: series.filter((_, i) => i % every === 0) });
  }
  const of = (
    name: LatencySeries["name"],
    times: LatencyDistribution,
    objectiveSeconds: number | null,
  ): LatencySeries[] => (times.count === 0 ? [] : [{ name, points: pointsOf(times), objectiveSeconds }]);
  return latencyDistributionChart({
    ...{ title, subtitle, percentile: Number((100 * objectives.share).toPrecision(4)) },
    series: [
      ...of("TTFT", run.result.ttftSeconds, objectives.ttftSeconds),
      ...of("TPOT", run.result.tpotSeconds, objectives.tpotSeconds),
      ...of("end to end", run.result.endToEndSeconds, objectives.endToEndSeconds),
    ],
  });
}

/** Times that rise with the share: those that share a bin of the sketch stand at its last share alone. From the line's foot to all. */
function pointsOf(times: LatencyDistribution): LatencySeries["points"] {
  const all = [...shares.map((share) => ({ share, seconds: times.quantile(share) })), { share: 1, seconds: times.max }];
  const rising = all.filter(({ seconds }, i) => seconds > 0 && seconds !== all[i + 1]?.seconds);
  const [first] = rising;
  return first === undefined ? [] : [{ share: 0, seconds: first.seconds }, ...rising];
}
