/**
 * The search for a fleet: every layout of every kind of device, each in every pair of formats; of each the largest load that one
 * replica serves within the objectives (replica-load.ts), so many of them as the whole load takes, and what that costs.
 * A layout's capacity does not depend on the load and grows with looser objectives: more load never takes fewer devices of it, and
 * looser objectives never more.
 */
import type { Hardware } from "../hardware/hardware.ts";
import { InvalidInput } from "../quantity/invalid-input.ts";
import type { NumberFormat } from "../quantity/number-format.ts";
import type { ChosenEngine } from "../serving/engine-choice.ts";
import { byCost, type Candidate, candidateOf } from "./candidate.ts";
import { type Layout, layoutsOf } from "./layout.ts";
import { frontPoints, type PlanPoint } from "./plan-front.ts";
import type { PlanMachine, PlanQuestion } from "./plan-question.ts";
import { type PlannedReplica, plannedReplica, type ReplicaQuestion } from "./planned-replica.ts";
import { type Refusal, refusedLayout, refusedMachine, tooLarge, tooSlow } from "./refusal.ts";
import { replicaCapacity, sharedLoad } from "./replica-load.ts";
import { separatedCandidate } from "./separate-prefill.ts";

export interface PlanSearch {
  /** Fleets that hold all objectives and limits, cheapest first. */
  readonly candidates: readonly Candidate[];
  readonly refusals: readonly Refusal[];
  /** Costs and times at many batches of each layout. */
  readonly points: readonly PlanPoint[];
  /** Layouts × batches that fit, of which the search finds the largest within the objectives by bisection. */
  readonly configurations: number;
  readonly notes: readonly string[];
}

export function searchFleets(question: PlanQuestion, withPoints = true): PlanSearch {
  const candidates: Candidate[] = [];
  const refusals: Refusal[] = [];
  const points: PlanPoint[] = [];
  const notes = new Set<string>();
  let configurations = 0;
  for (const machine of question.machines) {
    const made = replicasOn(question, machine);
    refusals.push(...made.refusals);
    for (const note of made.notes) notes.add(note);
    for (const planned of made.planned) {
      configurations += Math.max(1, Math.floor(Math.min(planned.open.slots, planned.replica.maxSequences)));
      const found = together(question, machine, planned);
      if ("reason" in found) refusals.push(found);
      else candidates.push(found);
      if (withPoints) points.push(...frontPoints(question, machine, planned));
    }
    if (question.separatePrefill === "never" || made.planned.length === 0) continue;
    const separated = apart(question, machine, made.planned);
    if ("reason" in separated) refusals.push(separated);
    else candidates.push(separated);
  }
  const kept =
    question.separatePrefill === "always" ? candidates.filter(({ prefill }) => prefill !== null) : candidates;
  return { candidates: kept.sort(byCost), refusals, points, configurations, notes: [...notes] };
}

/** Prompts on replicas of their own; or why not. */
function apart(question: PlanQuestion, machine: PlanMachine, planned: readonly PlannedReplica[]): Candidate | Refusal {
  const separated = separatedCandidate(question, machine, planned);
  if (separated !== null) return withinLimits(question, separated) ?? separated;
  const reason = "no fleet with prompts on replicas of their own keeps the objectives";
  return { ...refusedMachine(machine, planned[0]!.layout, reason), kind: "objective" };
}

export interface MadeReplicas {
  readonly planned: readonly PlannedReplica[];
  readonly refusals: readonly Refusal[];
  readonly notes: readonly string[];
}

/** A replica in every layout and format that the model, the machine and its memory allow. */
export function replicasOn(question: PlanQuestion, machine: PlanMachine): MadeReplicas {
  const { model, limits } = question;
  const most = Math.min(limits.devices, limits.fleetDevices ?? Number.POSITIVE_INFINITY);
  const { layouts, refused } = layoutsOf(model, machine.hardware, { ...limits, devices: most });
  const refusals: Refusal[] = refused.map((each) => refusedLayout(machine, each));
  const notes: string[] = [];
  const planned: PlannedReplica[] = [];
  const engines = new Map<string, ChosenEngine | InvalidInput>();
  for (const layout of layouts) {
    const engine = engineOf(question, layout, engines);
    if (engine instanceof InvalidInput) {
      if (question.machines.length === 1) throw engine;
      refusals.push(refusedMachine(machine, layout, engine.message));
      continue;
    }
    for (const formats of formatPairs(question)) {
      const made = plannedReplica(replicaQuestion(question), engine, layout, formats);
      if (typeof made === "string") refusals.push(refusedMachine(machine, layout, made));
      else {
        const large = tooLarge(machine, made, question);
        if (large !== null) refusals.push(large);
        else planned.push(made);
      }
    }
    notes.push(...engine.notes);
  }
  return { planned, refusals, notes };
}

/** What the machine can't be timed with is an error where there is no other machine. */
function engineOf(
  { engineOn }: PlanQuestion,
  { hardware }: Layout,
  known: Map<string, ChosenEngine | InvalidInput>,
): ChosenEngine | InvalidInput {
  const key = hardware.link?.name ?? "";
  const before = known.get(key);
  if (before !== undefined) return before;
  const engine = engineOrRefusal(engineOn, hardware);
  known.set(key, engine);
  return engine;
}

function engineOrRefusal(engineOn: PlanQuestion["engineOn"], hardware: Hardware): ChosenEngine | InvalidInput {
  try {
    return engineOn(hardware);
  } catch (error) {
    if (error instanceof InvalidInput) return error;
    throw error;
  }
}

function formatPairs({
  weights,
  kvCaches,
}: PlanQuestion): { weights: NumberFormat | null; kvCache: NumberFormat | null }[] {
  return weights.flatMap((each) => kvCaches.map((kvCache) => ({ weights: each, kvCache })));
}

export function replicaQuestion(question: PlanQuestion): ReplicaQuestion {
  const { model, workload, cachedPromptShare, speculation, limits } = question;
  const { maxSequences, stepTokens, memoryShare } = limits;
  return { model, workload, cachedPromptShare, speculation, maxSequences, stepTokens, memoryShare };
}

/** As many of the replica as the load takes; or why not. */
export function together(question: PlanQuestion, machine: PlanMachine, planned: PlannedReplica): Candidate | Refusal {
  const { load, objectives, limits } = question;
  const capacity = replicaCapacity(planned, load.kind, objectives, limits.utilization);
  if (!("amount" in capacity)) return tooSlow(machine, planned, capacity, objectives);
  const least = Math.max(1, Math.ceil(load.amount / capacity.amount - 1e-9));
  const replicas = allowedReplicas(least, planned.layout.devices, limits);
  if (replicas === null) {
    const reason = `needs ${least} ${least === 1 ? "replica" : "replicas"} or more, no count that is allowed`;
    return { ...refusedMachine(machine, planned.layout, reason), kind: "limit", planned };
  }
  const reached = sharedLoad(planned, load, replicas, objectives, capacity.most) ?? capacity.load;
  const { amount: replicaAmount, limitedBy } = capacity;
  const parts = { machine, planned, replicas, prefill: null, load: reached, replicaAmount, limitedBy };
  const candidate = candidateOf(parts, question);
  return withinLimits(question, candidate) ?? candidate;
}

/** The smallest number of replicas that is allowed and enough; null where none is. */
function allowedReplicas(least: number, devices: number, limits: PlanQuestion["limits"]): number | null {
  const { deviceCounts, replicaCounts } = limits;
  if (deviceCounts === null && replicaCounts === null) return least;
  const counts =
    replicaCounts ?? (deviceCounts ?? []).filter((each) => each % devices === 0).map((each) => each / devices);
  const enough = counts.filter(
    (each) => each >= least && (deviceCounts === null || deviceCounts.includes(each * devices)),
  );
  return enough.length === 0 ? null : Math.min(...enough);
}

/** The limit that the whole fleet breaks; null where it keeps them all. */
function withinLimits({ limits }: PlanQuestion, candidate: Candidate): Refusal | null {
  const { devices, powerWatts, costPerHour, machine, planned } = candidate;
  const because = (reason: string, shortBy: number): Refusal => {
    return { ...refusedMachine(machine, planned.layout, reason), kind: "limit", shortBy, planned };
  };
  if (limits.deviceCounts !== null && !limits.deviceCounts.includes(devices)) {
    return because(`takes ${devices} devices, no count that is allowed`, Number.POSITIVE_INFINITY);
  }
  if (limits.fleetDevices !== null && devices > limits.fleetDevices) {
    return because(`needs ${devices} devices, at most ${limits.fleetDevices}`, devices / limits.fleetDevices);
  }
  if (limits.powerWatts !== null && powerWatts !== null && powerWatts > limits.powerWatts) {
    const [needs, most] = [powerWatts, limits.powerWatts].map((watts) => `${(watts / 1000).toPrecision(3)} kW`);
    return because(`draws up to ${needs}, at most ${most}`, powerWatts / limits.powerWatts);
  }
  if (limits.costPerHour !== null && costPerHour !== null && costPerHour > limits.costPerHour) {
    return because(
      `costs ${costPerHour.toFixed(2)} USD/h, at most ${limits.costPerHour.toFixed(2)}`,
      costPerHour / limits.costPerHour,
    );
  }
  return null;
}
