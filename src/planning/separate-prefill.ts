/**
 * Prompts on replicas of their own, so that nobody's tokens wait for them: each prompt is computed on one of them, its first token
 * sent, and its cache handed to a replica that decodes.
 *   prefill   as few replicas as keep TTFT: prompts in turn, each by the replica that is free (M/G/c)
 *   decode    the rate at which TPOT is kept, with no prompt's time in it; the hand-over counts as the gap before the second token
 *   hand-over the cache of a prompt on each device over the link that leaves it: between nodes, unless both fit into one
 * Source: Patel et al. 2024 (Splitwise), Zhong et al. 2024 (DistServe).
 */
import type { EngineSteps } from "../serving/engine-steps.ts";
import { openReplica, promptsOnlyAt } from "../serving/open-loop.ts";
import { type Candidate, candidateOf, type PrefillFleet } from "./candidate.ts";
import type { Objectives } from "./objectives.ts";
import type { PlanMachine, PlanQuestion } from "./plan-question.ts";
import type { PlannedReplica } from "./planned-replica.ts";
import { endToEndAt, replicaCapacity, sharedLoad } from "./replica-load.ts";

/** The cheapest of both halves; null where either can't keep the objectives, or the load is of users, who wait for their own answers. */
export function separatedCandidate(
  question: PlanQuestion,
  machine: PlanMachine,
  planned: readonly PlannedReplica[],
): Candidate | null {
  if (question.load.kind === "users") return null;
  const { objectives, limits, load } = question;
  const rate = load.amount;
  const prefills = new Map<string, PrefillFleet>();
  for (const each of planned) {
    const seconds = transferSeconds(each, question);
    if (seconds === null) return null;
    const before = prefills.get(formatsOf(each));
    const most = before === undefined ? mostReplicas : Math.ceil(before.devices / each.layout.devices) - 1;
    const replicas = promptReplicas(each, rate, most, objectives, limits.utilization);
    if (replicas === null) continue;
    const devices = replicas * each.layout.devices;
    const utilization = promptsOnlyAt(each.open, rate / replicas, replicas).promptShare;
    const limitedBy = replicas * utilization > limits.utilization * (replicas - 1) ? "utilization" : "ttft";
    const found = { planned: each, replicas, devices, transferSeconds: seconds, utilization, limitedBy } as const;
    prefills.set(formatsOf(each), found);
  }
  let best: Candidate | null = null;
  for (const each of planned) {
    const prefill = prefills.get(formatsOf(each));
    const candidate = prefill === undefined ? null : decodeCandidate(question, machine, each, prefill);
    if (candidate !== null && (best === null || candidate.devices < best.devices)) best = candidate;
  }
  return best;
}

/** Both halves hold the same weights, and a cache that is handed over stays as it is. */
function formatsOf({ formats }: PlannedReplica): string {
  return `${formats.weights?.id ?? ""} ${formats.kvCache.id}`;
}

/** Replicas of prompts that are looked for at most. */
const mostReplicas = 4096;

/** The fewest replicas that compute the prompts in time, at most so many; null where those are too few. */
function promptReplicas(
  { open }: PlannedReplica,
  rate: number,
  most: number,
  { ttftSeconds, share }: Objectives,
  utilizationLimit: number,
): number | null {
  if (open.slots < 1) return null;
  const keeps = (replicas: number): boolean => {
    const at = promptsOnlyAt(open, rate / replicas, replicas);
    return at.promptShare <= utilizationLimit && (ttftSeconds === null || at.firstTokenAt(share) <= ttftSeconds);
  };
  const least = Math.max(1, Math.ceil(promptsOnlyAt(open, rate, 1).promptShare / utilizationLimit - 1e-9));
  if (least > most || !keeps(most)) return null;
  // More replicas never make a prompt wait longer: the first that keep it lie between the least and the most.
  let [low, high] = [least - 1, most];
  while (high - low > 1) {
    const middle = low + Math.ceil((high - low) / 2);
    if (keeps(middle)) high = middle;
    else low = middle;
  }
  return high;
}

function decodeCandidate(
  question: PlanQuestion,
  machine: PlanMachine,
  planned: PlannedReplica,
  prefill: PrefillFleet,
): Candidate | null {
  const { objectives, limits, load, workload } = question;
  const further = Math.max(1, workload.output.mean - 1);
  const gap = prefill.transferSeconds / further;
  const alone = decodeOnly(planned, question);
  const own = {
    ...objectives,
    ttftSeconds: null,
    tpotSeconds: objectives.tpotSeconds === null ? null : objectives.tpotSeconds - gap,
  };
  const capacity = replicaCapacity(alone, "rate", own, limits.utilization);
  if (!("amount" in capacity)) return null;
  const replicas = Math.ceil(load.amount / capacity.amount - 1e-9);
  const decoding = sharedLoad(alone, load, replicas, own, capacity.most);
  if (decoding === null) return null;
  const prompts = promptsOnlyAt(prefill.planned.open, load.amount / prefill.replicas, prefill.replicas);
  const times = {
    ttftSeconds: prompts.firstTokenAt(objectives.share),
    meanTtftSeconds: prompts.firstTokenSeconds,
    tpotSeconds: decoding.tpotSeconds + gap,
    meanTpotSeconds: decoding.meanTpotSeconds + gap,
  };
  const endToEndSeconds = endToEndAt(times, workload.output, objectives.share);
  if (objectives.endToEndSeconds !== null && endToEndSeconds > objectives.endToEndSeconds) return null;
  const reached = { ...decoding, ...times, endToEndSeconds };
  const { amount: replicaAmount, limitedBy } = capacity;
  return candidateOf({ machine, planned: alone, replicas, prefill, load: reached, replicaAmount, limitedBy }, question);
}

/** The replica as one that prompts cost nothing: their caches arrive computed. */
function decodeOnly(planned: PlannedReplica, { workload }: PlanQuestion): PlannedReplica {
  const { steps: own } = planned.replica;
  const steps: EngineSteps = {
    tokensPerStep: own.tokensPerStep,
    stages: own.stages,
    stepSeconds: (sequences, context) => own.stepSeconds(sequences, context, 0, 0),
  };
  const replica = { ...planned.replica, steps, requestSeconds: 0 };
  return { ...planned, replica, open: openReplica(replica, workload) };
}

/** Null where there is no link to hand it over. */
function transferSeconds({ layout, replica }: PlannedReplica, { workload, limits }: PlanQuestion): number | null {
  const { hardware } = layout;
  const between = limits.nodeLinkBytesPerSecond ?? hardware.node?.link?.bytesPerSecond ?? hardware.link?.bytesPerSecond;
  return between === undefined ? null : replica.requestBytes(workload.input.mean) / between;
}
