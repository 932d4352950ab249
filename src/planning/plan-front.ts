/**
 * Costs and times of every layout at many batches, and the front among them: no other point is both cheaper and quicker. Points keep
 * the objective of TTFT and the utilisation; TPOT is what they differ in. Replicas are not whole here: a fleet of many is meant.
 */
import { openStateAt } from "../serving/open-loop.ts";
import { perMillionTokens } from "./candidate.ts";
import { layoutText } from "./layout.ts";
import type { PlanMachine, PlanQuestion } from "./plan-question.ts";
import type { PlannedReplica } from "./planned-replica.ts";

export interface PlanPoint {
  readonly hardware: string;
  readonly layout: string;
  /** Sequences that decode in one replica. */
  readonly batch: number;
  /** At the objectives' percentile. */
  readonly ttftSeconds: number;
  readonly tpotSeconds: number;
  readonly tokensPerSecondPerDevice: number;
  readonly costPerMillionTokens: number | null;
}

/** Batches between one sequence and as many as fit. */
const pointsOfLayout = 24;

export function frontPoints(question: PlanQuestion, machine: PlanMachine, planned: PlannedReplica): PlanPoint[] {
  const { objectives, limits, workload } = question;
  const { open, layout } = planned;
  const most = Math.min(open.slots, planned.replica.maxSequences);
  if (!(most >= 1)) return [];
  const mostRate = openStateAt(open, most).ratePerSecond;
  const points: PlanPoint[] = [];
  for (let i = 0; i < pointsOfLayout; i++) {
    const batch = Math.round(most ** (i / (pointsOfLayout - 1)));
    if (batch === points.at(-1)?.batch) continue;
    const state = openStateAt(open, batch);
    if (state.ratePerSecond > limits.utilization * mostRate) break;
    const ttftSeconds = state.firstTokenAt(objectives.share);
    // Prompts that come faster than they are computed have no first token ever.
    if (!Number.isFinite(ttftSeconds)) break;
    if (objectives.ttftSeconds !== null && ttftSeconds > objectives.ttftSeconds) break;
    const tokensPerSecond = state.ratePerSecond * workload.output.mean;
    const { pricePerHour } = machine;
    points.push({
      ...{ hardware: machine.hardware.id, layout: layoutText(layout.parallelism), batch, ttftSeconds },
      tpotSeconds: state.outputTokenAt(objectives.share),
      tokensPerSecondPerDevice: tokensPerSecond / layout.devices,
      costPerMillionTokens:
        pricePerHour === null ? null : perMillionTokens(pricePerHour * layout.devices, tokensPerSecond),
    });
  }
  return points;
}

/** The points that no other beats in both, quickest first; `costOf` is what is to be small beside TPOT. */
export function paretoFront(points: readonly PlanPoint[], costOf: (point: PlanPoint) => number): PlanPoint[] {
  const sorted = [...points].sort((a, b) => a.tpotSeconds - b.tpotSeconds || costOf(a) - costOf(b));
  const front: PlanPoint[] = [];
  let least = Number.POSITIVE_INFINITY;
  for (const point of sorted) {
    const cost = costOf(point);
    if (cost >= least) continue;
    least = cost;
    front.push(point);
  }
  return front;
}
