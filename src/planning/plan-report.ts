/** The whole answer of a plan: the best fleet and the others, what binds, what relief buys, the fronts, what was refused and why. */
import type { Candidate } from "./candidate.ts";
import { type CandidateRow, candidateRow } from "./candidate-row.ts";
import { type NearestMiss, nearestMiss } from "./nearest-miss.ts";
import { planAssumptions } from "./plan-assumptions.ts";
import { type PlanPoint, paretoFront } from "./plan-front.ts";
import type { PlanQuestion } from "./plan-question.ts";
import type { Refusal } from "./refusal.ts";
import { type Relief, reliefsOf } from "./relief.ts";
import { type PlanSearch, searchFleets } from "./search.ts";

export interface PlanReport {
  /** Null where no fleet holds. */
  readonly best: CandidateRow | null;
  readonly candidates: readonly CandidateRow[];
  /** Cost of a million tokens against TPOT, quickest first; of devices with a price. */
  readonly paretoFront: readonly PlanPoint[];
  /** Tokens a second and device against TPOT. */
  readonly throughputFront: readonly PlanPoint[];
  readonly points: readonly PlanPoint[];
  readonly rejected: readonly RejectedRow[];
  readonly nearestMiss: NearestMiss | null;
  readonly reliefs: readonly Relief[];
  readonly configurations: number;
  readonly assumptions: readonly string[];
  readonly notes: readonly string[];
}

export interface RejectedRow {
  readonly hardware: string;
  readonly tp: number;
  readonly pp: number;
  readonly ep: number;
  readonly weights: string | null;
  readonly kvCache: string | null;
  readonly kind: Refusal["kind"];
  readonly reason: string;
}

export interface Planned {
  readonly report: PlanReport;
  readonly search: PlanSearch;
}

export function planFleet(question: PlanQuestion): Planned {
  const search = searchFleets(question);
  const { candidates, refusals, points } = search;
  const best: Candidate | undefined = candidates[0];
  const { amount } = question.load;
  const rows = best === undefined ? [] : candidates.map((each) => candidateRow(each, best, refusals, amount));
  const priced = points.filter(({ costPerMillionTokens }) => costPerMillionTokens !== null);
  const report: PlanReport = {
    best: rows[0] ?? null,
    candidates: rows,
    paretoFront: paretoFront(priced, ({ costPerMillionTokens }) => costPerMillionTokens!),
    throughputFront: paretoFront(points, ({ tokensPerSecondPerDevice }) => -tokensPerSecondPerDevice),
    points,
    rejected: refusals.map(rejectedRow),
    nearestMiss: best === undefined ? nearestMiss(question, refusals) : null,
    reliefs: best === undefined ? [] : reliefsOf(question, best),
    configurations: search.configurations,
    assumptions: planAssumptions(question, best ?? null),
    notes: search.notes,
  };
  return { report, search };
}

function rejectedRow({ hardware, parallelism, weights, kvCache, kind, reason }: Refusal): RejectedRow {
  const { tensor: tp, pipeline: pp, expert: ep } = parallelism;
  return { hardware, tp, pp, ep, weights, kvCache, kind, reason };
}
