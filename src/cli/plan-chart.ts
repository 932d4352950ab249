/** The charts of a plan: the fronts of cost and of throughput, and a device's memory in the best fleets. */
import type { ChartSpec } from "../charts/chart-spec.ts";
import { planFrontChart } from "../charts/plan-front.ts";
import { planMemoryChart } from "../charts/plan-memory.ts";
import type { CandidateRow } from "../planning/candidate-row.ts";
import { layoutText } from "../planning/layout.ts";
import type { PlanPoint } from "../planning/plan-front.ts";
import type { PlanQuestion } from "../planning/plan-question.ts";
import type { PlanReport } from "../planning/plan-report.ts";
import { formatSeconds } from "../quantity/format-quantity.ts";
import { loadText } from "./load-text.ts";

export const planChartKinds = ["cost", "throughput", "memory"] as const;
export type PlanChartKind = (typeof planChartKinds)[number];

/** Bars of a chart of memory. */
const mostBars = 8;

/** Of a plan that has a best fleet. The front of cost is that of throughput where no device has a price. */
export function planChart(
  { question, report }: { readonly question: PlanQuestion; readonly report: PlanReport },
  kind: PlanChartKind,
): ChartSpec {
  if (kind === "memory") return memoryChart(question, report);
  const priced = report.points.some(({ costPerMillionTokens }) => costPerMillionTokens !== null);
  return frontChart(question, report, kind === "cost" && priced);
}

function frontChart(question: PlanQuestion, report: PlanReport, isCost: boolean): ChartSpec {
  const { objectives, model } = question;
  const front = new Set(isCost ? report.paretoFront : report.throughputFront);
  const yOf = ({ costPerMillionTokens, tokensPerSecondPerDevice }: PlanPoint): number | null =>
    isCost ? costPerMillionTokens : tokensPerSecondPerDevice;
  const best = bestPoint(report);
  const points = report.points.flatMap((point) => {
    const y = yOf(point);
    if (y === null || !(y > 0)) return [];
    const { hardware, layout, tpotSeconds: xSeconds } = point;
    return [
      { label: `${layout} on ${hardware}`, hardware, xSeconds, y, onFront: front.has(point), isBest: point === best },
    ];
  });
  const percentile = Number((100 * objectives.share).toPrecision(4));
  return planFrontChart({
    title: `${model.name}: ${isCost ? "cost" : "throughput"} against time an output token`,
    subtitle: subtitleOf(question),
    ...{ points, percentile, objectiveSeconds: objectives.tpotSeconds },
    yKind: isCost ? "cost per million tokens" : "tokens a second and device",
  });
}

/** The point of the best fleet's layout whose batch is nearest to the one it is run at. */
function bestPoint({ best, points }: PlanReport): PlanPoint | null {
  if (best === null || best.prefill !== null) return null;
  const layout = layoutText({ tensor: best.tp, pipeline: best.pp, expert: best.ep });
  const own = points.filter((point) => point.hardware === best.hardware && point.layout === layout);
  const distance = ({ batch }: PlanPoint): number => Math.abs(Math.log(batch / best.batch));
  return own.reduce<PlanPoint | null>((a, b) => (a === null || distance(b) < distance(a) ? b : a), null);
}

function memoryChart(question: PlanQuestion, { candidates }: PlanReport): ChartSpec {
  const shown = candidates.slice(0, mostBars);
  return planMemoryChart({
    title: `${question.model.name}: memory of one device`,
    subtitle: subtitleOf(question),
    bars: shown.map((row) => ({ label: `${row.hardware}: ${row.fleet}`, ...barOf(row) })),
  });
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
