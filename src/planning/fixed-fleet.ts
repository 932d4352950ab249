/** A fleet whose layout and number of replicas are given: what `simulate` runs, and what the closed form says of it. */
import { type Candidate, candidateOf } from "./candidate.ts";
import { layoutsOf } from "./layout.ts";
import type { PlanMachine, PlanQuestion } from "./plan-question.ts";
import { plannedReplica } from "./planned-replica.ts";
import { tooLarge } from "./refusal.ts";
import { sharedLoad } from "./replica-load.ts";
import { replicaQuestion } from "./search.ts";

export interface FixedFleet {
  readonly candidate: Candidate;
  /** Whether the closed form knows a steady state: else requests pile up, or answers have one token each. */
  readonly isSteady: boolean;
}

/**
 * The fleet of `replicas` in the one layout that the question's limits leave, or in words why there is none.
 * @param replicas that decode, and compute prompts unless others do
 */
export function fixedFleet(question: PlanQuestion, machine: PlanMachine, replicas: number): FixedFleet | string {
  const { layouts, refused } = layoutsOf(question.model, machine.hardware, question.limits);
  const layout = layouts[0];
  if (layout === undefined) return refused[0]?.reason ?? "no layout is possible";
  const [weights = null] = question.weights;
  const [kvCache = null] = question.kvCaches;
  const engine = question.engineOn(layout.hardware);
  const planned = plannedReplica(replicaQuestion(question), engine, layout, { weights, kvCache });
  if (typeof planned === "string") return planned;
  const large = tooLarge(machine, planned, question);
  if (large !== null) return large.reason;
  const steady = sharedLoad(planned, question.load, replicas, question.objectives);
  const parts = { machine, planned, replicas, prefill: null, limitedBy: "utilization" as const, replicaAmount: 0 };
  const load = steady ?? overloaded;
  const isSteady = steady !== null && hasTokensAfterFirst(question.workload);
  return { candidate: candidateOf({ ...parts, load }, question), isSteady };
}

/** The closed form is of tokens that follow each other: answers of one token each are beyond it. */
export function hasTokensAfterFirst({ output }: PlanQuestion["workload"]): boolean {
  return output.largest >= 2;
}

/** What a replica that can't keep up tends to. */
const overloaded: Candidate["load"] = {
  ...{ ratePerSecond: 0, decoding: 0, running: 0, utilization: 1 },
  ...{ ttftSeconds: Number.POSITIVE_INFINITY, tpotSeconds: Number.POSITIVE_INFINITY },
  ...{ endToEndSeconds: Number.POSITIVE_INFINITY, meanTtftSeconds: Number.POSITIVE_INFINITY },
  meanTpotSeconds: Number.POSITIVE_INFINITY,
};
