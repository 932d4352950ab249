/**
 * What a replica does under its share of the load, and the largest share that keeps the objectives: requests a second that arrive by
 * themselves, or users that keep one request each in flight. Both are one number, which a bisection runs along: all times grow with it.
 */
import { closedStateAt } from "../serving/closed-loop.ts";
import type { LengthDistribution } from "../serving/length-distribution.ts";
import { openStateAt, openStateAtRate, wholeBetween } from "../serving/open-loop.ts";
import { type ServedState, usersStateAt } from "../serving/users-loop.ts";
import type { Objectives } from "./objectives.ts";
import type { PlannedReplica } from "./planned-replica.ts";

export interface FleetLoad {
  /** rate: requests a second; users: requests in flight. */
  readonly kind: "rate" | "users";
  /** Of the whole fleet. */
  readonly amount: number;
  /** Where all users begin at once and send so many requests each, as clients of a benchmark do; else they come spread over time. */
  readonly requestsPerUser?: number;
}

export interface ReplicaLoad {
  readonly ratePerSecond: number;
  /** Sequences that decode, and requests in the engine, on average. */
  readonly decoding: number;
  readonly running: number;
  /** Share of the most that it could serve. */
  readonly utilization: number;
  /** At the objectives' percentile. */
  readonly ttftSeconds: number;
  readonly tpotSeconds: number;
  readonly endToEndSeconds: number;
  readonly meanTtftSeconds: number;
  readonly meanTpotSeconds: number;
}

export type Limit = "ttft" | "tpot" | "endToEnd" | "utilization";

export interface ReplicaCapacity {
  /** Requests a second, or users. */
  readonly amount: number;
  readonly load: ReplicaLoad;
  /** Sequences that decode there, or users: no share of the load takes more. */
  readonly most: number;
  /** What keeps it from serving more. */
  readonly limitedBy: Limit;
}

/** An objective that even a request alone misses. */
export interface Missed {
  readonly limit: Limit;
  readonly reachedSeconds: number;
  readonly wantedSeconds: number;
}

/** Sequences that decode where nearly nobody comes. */
const nearlyIdle = 1e-3;
/** Rounds of the bisection; each halves the distance between loads that differ by a thousandth in the end. */
const mostRounds = 40;
const closeEnough = 1e-3;

/** The largest load of one replica that keeps the objectives and the utilisation. */
export function replicaCapacity(
  planned: PlannedReplica,
  kind: FleetLoad["kind"],
  objectives: Objectives,
  utilizationLimit: number,
): ReplicaCapacity | Missed {
  const question = loadQuestion(planned, kind, objectives);
  const limitOf = (load: ReplicaLoad): Limit | null => firstMissed(load, objectives, utilizationLimit);
  const least = question.at(question.least);
  const missed = limitOf(least);
  if (missed !== null) return missedBy(missed, least, objectives, utilizationLimit);
  let low = question.least;
  let high = question.most;
  let [inside, outside] = [least, question.at(high)];
  let limitedBy = limitOf(outside);
  if (limitedBy === null) {
    return { amount: question.amountOf(outside, high), load: outside, most: high, limitedBy: "utilization" };
  }
  for (let round = 0; round < mostRounds && high - low > closeEnough * high; round++) {
    const middle = wholeBetween(low, high);
    const at = question.at(middle);
    const limit = limitOf(at);
    if (limit === null) [low, inside] = [middle, at];
    else [high, outside, limitedBy] = [middle, at, limit];
  }
  return { amount: question.amountOf(inside, low), load: inside, most: low, limitedBy };
}

/**
 * What one of so many replicas does under its share of the load; null where it can't serve that much.
 * @param most of a capacity that holds the share
 */
export function sharedLoad(
  planned: PlannedReplica,
  load: FleetLoad,
  replicas: number,
  objectives: Objectives,
  most?: number,
): ReplicaLoad | null {
  const share = load.amount / replicas;
  const question = loadQuestion(planned, load.kind, objectives);
  if (load.kind === "users" && load.requestsPerUser !== undefined) {
    const state = closedStateAt(planned.open, share, planned.engine.constants, load.requestsPerUser);
    return loadOf(state, planned, objectives, question.mostRate);
  }
  if (load.kind === "users") return question.at(share);
  const state = openStateAtRate(planned.open, share, most);
  return state === null ? null : loadOf(state, planned, objectives, question.mostRate);
}

interface LoadQuestion {
  /** The bisection's ends: sequences that decode, or users. */
  readonly least: number;
  readonly most: number;
  readonly mostRate: number;
  at(value: number): ReplicaLoad;
  amountOf(load: ReplicaLoad, value: number): number;
}

function loadQuestion(planned: PlannedReplica, kind: FleetLoad["kind"], objectives: Objectives): LoadQuestion {
  const { open } = planned;
  const slots = Number.isFinite(open.slots) ? open.slots : planned.replica.maxSequences;
  const mostRate = openStateAt(open, slots).ratePerSecond;
  if (kind === "users") {
    return {
      ...{ least: Math.min(1, slots), most: Math.max(1, slots), mostRate },
      at: (users) => loadOf(usersStateAt(open, users), planned, objectives, mostRate),
      amountOf: (_load, users) => users,
    };
  }
  return {
    ...{ least: Math.min(nearlyIdle, slots / 2), most: slots, mostRate },
    at: (decoding) => loadOf(openStateAt(open, decoding), planned, objectives, mostRate),
    amountOf: ({ ratePerSecond }) => ratePerSecond,
  };
}

function loadOf(state: ServedState, planned: PlannedReplica, { share }: Objectives, mostRate: number): ReplicaLoad {
  const times = {
    ttftSeconds: state.firstTokenAt(share),
    tpotSeconds: state.outputTokenAt(share),
    meanTtftSeconds: state.firstTokenSeconds,
    meanTpotSeconds: state.outputTokenSeconds,
  };
  return {
    ratePerSecond: state.ratePerSecond,
    decoding: state.decoding,
    running: state.running,
    utilization: Math.min(1, state.ratePerSecond / mostRate),
    ...times,
    endToEndSeconds: endToEndAt(times, planned.open.workload.output, share),
  };
}

/**
 * How much longer than the mean: by the answer's length, by a first token and by a pace that are slow by chance, added by squares.
 * The pace of long answers hardly differs from the mean, so that chance counts where all are as long.
 */
export function endToEndAt(
  times: Pick<ReplicaLoad, "ttftSeconds" | "tpotSeconds" | "meanTtftSeconds" | "meanTpotSeconds">,
  output: LengthDistribution,
  share: number,
): number {
  const { ttftSeconds, tpotSeconds, meanTtftSeconds, meanTpotSeconds } = times;
  const mean = Math.max(0, output.mean - 1);
  const longer = output.isFixed ? 0 : Math.max(0, output.quantile(share) - 1 - mean);
  const spread = Math.hypot(
    longer * meanTpotSeconds,
    ttftSeconds - meanTtftSeconds,
    output.isFixed ? mean * (tpotSeconds - meanTpotSeconds) : 0,
  );
  return meanTtftSeconds + mean * meanTpotSeconds + spread;
}

function firstMissed(load: ReplicaLoad, objectives: Objectives, utilizationLimit: number): Limit | null {
  const { ttftSeconds, tpotSeconds, endToEndSeconds } = objectives;
  if (tpotSeconds !== null && load.tpotSeconds > tpotSeconds) return "tpot";
  if (ttftSeconds !== null && load.ttftSeconds > ttftSeconds) return "ttft";
  if (endToEndSeconds !== null && load.endToEndSeconds > endToEndSeconds) return "endToEnd";
  if (load.utilization > utilizationLimit || !Number.isFinite(load.ttftSeconds)) return "utilization";
  return null;
}

function missedBy(limit: Limit, load: ReplicaLoad, objectives: Objectives, utilizationLimit: number): Missed {
  const of: Readonly<Record<Limit, readonly [number, number]>> = {
    ttft: [load.ttftSeconds, objectives.ttftSeconds ?? 0],
    tpot: [load.tpotSeconds, objectives.tpotSeconds ?? 0],
    endToEnd: [load.endToEndSeconds, objectives.endToEndSeconds ?? 0],
    utilization: [load.utilization, utilizationLimit],
  };
  const [reachedSeconds, wantedSeconds] = of[limit];
  return { limit, reachedSeconds, wantedSeconds };
}
