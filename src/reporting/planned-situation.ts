/** One situation answered: the plan, its best fleet in the simulation, and what the fleet would be under another attention or format. */
import type { PlanQuestion } from "../planning/plan-question.ts";
import { type PlanReport, planFleet } from "../planning/plan-report.ts";
import { type FleetSimulation, type SimulatedFleet, simulateFleet } from "../planning/simulated-fleet.ts";
import { type WhatIfRow, whatIfRows } from "../planning/what-if.ts";
import type { PlanSituation } from "./plan-situations.ts";

/** What a plan file asks, every name resolved. */
export interface ReportPlan {
  readonly situation: PlanSituation;
  readonly question: PlanQuestion;
  readonly simulation: FleetSimulation;
  readonly whatIf: readonly string[];
}

export interface PlannedSituation extends ReportPlan {
  readonly report: PlanReport;
  /** Of the best fleet; null where nothing fits. */
  readonly simulated: SimulatedFleet | null;
  /** As it is, then each change; empty where nothing fits. */
  readonly changes: readonly WhatIfRow[];
}

export function plannedSituation(plan: ReportPlan): PlannedSituation {
  const { question, simulation, whatIf } = plan;
  const { report, search } = planFleet(question);
  const [best] = search.candidates;
  return {
    ...{ ...plan, report },
    simulated: best === undefined ? null : simulateFleet(best, question, simulation),
    changes: best === undefined ? [] : whatIfRows(question, best, whatIf),
  };
}
