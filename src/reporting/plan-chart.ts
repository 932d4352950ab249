/** The charts of a plan: the fronts of cost and of throughput, a device's memory in the best fleets, and the best in the simulation. */
import type { ChartSpec } from "../charts/chart-spec.ts";
import { planFrontChart } from "../charts/plan-front.ts";
import { planMemoryChart } from "../charts/plan-memory.ts";
import type { CandidateRow } from "../planning/candidate-row.ts";
import { layoutText } from "../planning/layout.ts";
import { type PlanPoint, paretoFront } from "../planning/plan-front.ts";
import type { PlanQuestion } from "../planning/plan-question.ts";
import type { PlanReport } from "../planning/plan-report.ts";
import type { SimulatedFleet } from "../planning/simulated-fleet.ts";
import { formatSeconds } from "../quantity/format-quantity.ts";
import { InvalidInput } from "../quantity/invalid-input.ts";
import { loadText } from "./load-text.ts";
import { type SimulationChartKind, simulationChart, simulationChartKinds } from "./simulation-chart.ts";

export const planChartKinds = ["cost", "throughput", "memory", "timeline", "latency"] as const;
export type PlanChartKind = (typeof planChartKinds)[number];

export interface PlanDrawing {
  readonly question: PlanQuestion;
  readonly report: PlanReport;
  /** The best first; none where nothing was simulated. */
  readonly simulated: readonly SimulatedFleet[];
}

/** Bars of a chart of memory. */
const mostBars = 8;

/** Whether a chart of this kind is drawn from a simulation of the best fleet. */
export function isSimulationChart(kind: PlanChartKind): kind is SimulationChartKind {
  return simulationChartKinds.some((each) => each === kind);
}

/**
 * Of a plan that has a best fleet. The front of cost is that of throughput where no device has a price.
 * @throws InvalidInput for a chart of the simulation where there was none
 */
export function planChart({ question, report, simulated }: PlanDrawing, kind: PlanChartKind): ChartSpec {
  if (kind === "memory") return memoryChart(question, report);
  if (isSimulationChart(kind)) {
    const [run] = simulated;
    const { best } = report;
    if (run === undefined || best === null)
      throw new InvalidInput("chartKind", kind, "is of a simulation, and none was made");
    return simulationChart({ question, fleet: best.fleet, hardware: best.hardware, run }, kind);
  }
  const priced = report.points.some(({ costPerMillionTokens }) => costPerMillionTokens !== null);
  return frontChart(question, report, kind === "cost" && priced);
}

/**
 * Of each kind of device the plans that no other of that kind beats, and the best fleet itself: its replicas are whole and may be
 * separated, which the others' are not.
 */
function frontChart(question: PlanQuestion, report: PlanReport, isCost: boolean): ChartSpec {
  const { objectives, model } = question;
  const yOf = ({ costPerMillionTokens, tokensPerSecondPerDevice }: PlanPoint): number | null =>
    isCost ? costPerMillionTokens : tokensPerSecondPerDevice;
  const costOf = (point: PlanPoint): number => (isCost ? point.costPerMillionTokens! : -point.tokensPerSecondPerDevice);
  const isDrawable = (point: PlanPoint): boolean => (yOf(point) ?? 0) > 0;
  const best = [bestPoint(report)].filter((point) => point !== null && isDrawable(point)) as PlanPoint[];
  const all = [...report.points.filter(isDrawable), ...best];
  const front = new Set<PlanPoint>(paretoFront(all, costOf));
  const ofEach = [...new Set(all.map(({ hardware }) => hardware))].flatMap((id) =>
    paretoFront(
      all.filter(({ hardware }) => hardware === id),
      costOf,
    ),
  );
  const drawn: PlanPoint[] = [...new Set<PlanPoint>([...ofEach, ...best])];
  return planFrontChart({
    title: `${model.name}: ${isCost ? "cost" : "throughput"} against time an output token`,
    subtitle: subtitleOf(question),
    points: drawn.map((point) => ({
      ...{ label: point.layout, hardware: point.hardware, xSeconds: point.tpotSeconds, y: yOf(point)! },
      ...{ onFront: front.has(point), isBest: best.includes(point) },
    })),
    percentile: Number((100 * objectives.share).toPrecision(4)),
    objectiveSeconds: objectives.tpotSeconds,
    yKind: isCost ? "cost per million tokens" : "tokens a second and device",
  });
}

/** The best fleet as it stands. */
function bestPoint({ best }: PlanReport): PlanPoint | null {
  if (best === null) return null;
  const { hardware, fleet, batch, ttftSeconds, tpotSeconds, tokensPerSecond, devices, costPerMillionTokens } = best;
  return {
    ...{ hardware, layout: fleet, batch, ttftSeconds, tpotSeconds, costPerMillionTokens },
    tokensPerSecondPerDevice: tokensPerSecond / devices,
  };
}

function memoryChart(question: PlanQuestion, { candidates }: PlanReport): ChartSpec {
  const shown = candidates.slice(0, mostBars);
  return planMemoryChart({
    title: `${question.model.name}: memory of one device`,
    subtitle: subtitleOf(question),
    bars: shown.map((row) => ({ label: `${row.hardware}: ${decodingText(row)}`, ...barOf(row) })),
  });
}

/** The memory is that of a replica that decodes; one that computes prompts has another. */
function decodingText({ prefill, fleet, replicas, tp, pp, ep }: CandidateRow): string {
  if (prefill === null) return fleet;
  return `${replicas} × (${layoutText({ tensor: tp, pipeline: pp, expert: ep })}) decode`;
}

function barOf({ memory }: CandidateRow): { parts: { name: string; bytes: number }[]; capacityBytes: number } {
  const named: readonly (readonly [string, number])[] = [
    ["weights", memory.weightBytes],
    ["cache", memory.cacheBytes],
    ["activations", memory.activationBytes],
    ["runtime", memory.runtimeBytes],
    ["collectives", memory.collectiveBytes],
    ["fragmentation", memory.fragmentationBytes],
    ["reserve", memory.reserveBytes],
    ["free", memory.freeBytes],
  ];
  return { parts: named.map(([name, bytes]) => ({ name, bytes })), capacityBytes: memory.capacityBytes };
}

function subtitleOf({ workload, objectives, load }: PlanQuestion): string {
  const ttft = objectives.ttftSeconds === null ? "" : `, TTFT within ${formatSeconds(objectives.ttftSeconds)}`;
  return `${loadText(load)}, prompt ${workload.input.text}, answer ${workload.output.text}${ttft}`;
}
