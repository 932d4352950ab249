/** A fleet that serves the whole load: so many replicas of one layout, what they reach and what they cost. */
import type { ErrorBand } from "../timing/fitted-engine.ts";
import { layoutText } from "./layout.ts";
import type { PlanMachine, PlanQuestion } from "./plan-question.ts";
import type { PlannedReplica } from "./planned-replica.ts";
import type { Limit, ReplicaLoad } from "./replica-load.ts";

/** Replicas that compute prompts alone. */
export interface PrefillFleet {
  readonly planned: PlannedReplica;
  readonly replicas: number;
  readonly devices: number;
  /** Until a prompt's cache is at the replica that decodes. */
  readonly transferSeconds: number;
  readonly utilization: number;
  /** What keeps it from being a replica fewer. */
  readonly limitedBy: "ttft" | "utilization";
}

export interface Candidate {
  readonly machine: PlanMachine;
  readonly planned: PlannedReplica;
  readonly replicas: number;
  /** Of the whole fleet. */
  readonly devices: number;
  readonly nodes: number;
  readonly prefill: PrefillFleet | null;
  /** Of one replica; with separated prefill of one that decodes, its TTFT that of the whole. */
  readonly load: ReplicaLoad;
  /** The most that one replica serves within the objectives, in the load's unit, and what ends it. */
  readonly replicaAmount: number;
  readonly limitedBy: Limit;
  readonly requestsPerSecond: number;
  /** Output tokens. */
  readonly tokensPerSecond: number;
  /** Null where the device has no price. */
  readonly costPerHour: number | null;
  readonly costPerMillionTokens: number | null;
  /** At the devices' rated power, the most that they draw; null where unknown. */
  readonly powerWatts: number | null;
  readonly joulesPerToken: number | null;
  /** 90 %: of a mean time on such machines. */
  readonly intervals: {
    readonly ttftSeconds: Interval | null;
    readonly tpotSeconds: Interval | null;
  };
}

export interface Interval {
  readonly low: number;
  readonly high: number;
  readonly level: number;
}

export interface CandidateParts {
  readonly machine: PlanMachine;
  readonly planned: PlannedReplica;
  readonly replicas: number;
  readonly prefill: PrefillFleet | null;
  readonly load: ReplicaLoad;
  readonly replicaAmount: number;
  readonly limitedBy: Limit;
}

export function candidateOf(parts: CandidateParts, { workload }: Pick<PlanQuestion, "workload">): Candidate {
  const { machine, planned, replicas, prefill, load } = parts;
  const devices = replicas * planned.layout.devices + (prefill?.devices ?? 0);
  const requestsPerSecond = replicas * load.ratePerSecond;
  const tokensPerSecond = requestsPerSecond * workload.output.mean;
  const { pricePerHour, ownedDevices, hardware } = machine;
  const rented = Math.max(0, devices - ownedDevices);
  const costPerHour = rented === 0 ? 0 : pricePerHour === null ? null : rented * pricePerHour;
  const powerWatts = hardware.powerWatts === null ? null : devices * hardware.powerWatts;
  const { bands } = planned.engine;
  return {
    ...parts,
    ...{
      devices,
      nodes: nodesOf([{ planned, replicas }, ...(prefill === null ? [] : [prefill])]),
      requestsPerSecond,
      tokensPerSecond,
      costPerHour,
      powerWatts,
    },
    costPerMillionTokens: costPerHour === null ? null : perMillionTokens(costPerHour, tokensPerSecond),
    joulesPerToken: powerWatts === null ? null : powerWatts / tokensPerSecond,
    intervals: {
      ttftSeconds: intervalOf(load.ttftSeconds, bands?.firstToken),
      tpotSeconds: intervalOf(load.tpotSeconds, bands?.outputToken),
    },
  };
}

/** US dollars for a million output tokens. @example 36 USD/h at 1000 tokens/s: 10 USD */
export function perMillionTokens(costPerHour: number, tokensPerSecond: number): number {
  return (costPerHour / 3600 / tokensPerSecond) * 1e6;
}

/** Replicas of a node and more have theirs; smaller ones share nodes. */
function nodesOf(halves: readonly Pick<CandidateParts, "planned" | "replicas">[]): number {
  let [own, shared] = [0, 0];
  for (const { planned, replicas } of halves) {
    const { devices, devicesPerNode, nodes } = planned.layout;
    if (devices >= devicesPerNode) own += replicas * nodes;
    else shared += (replicas * devices) / devicesPerNode;
  }
  return own + Math.ceil(shared - 1e-9);
}

function intervalOf(seconds: number, band: ErrorBand | undefined): Interval | null {
  if (band === undefined) return null;
  return { low: seconds * Math.exp(band.low), high: seconds * Math.exp(band.high), level: 0.9 };
}

/** @example "2 × (TP 4)", "8 × (TP 4 × PP 2)" */
export function fleetText({ replicas, planned, prefill }: Pick<Candidate, "replicas" | "planned" | "prefill">): string {
  const own = `${replicas} × (${layoutText(planned.layout.parallelism)})`;
  if (prefill === null) return own;
  return `${prefill.replicas} × (${layoutText(prefill.planned.layout.parallelism)}) prefill + ${own} decode`;
}

/** Cheapest first; where nothing has a price, or the same, by devices, then by TPOT. */
export function byCost(a: Candidate, b: Candidate): number {
  const [costA, costB] = [a.costPerHour ?? Number.POSITIVE_INFINITY, b.costPerHour ?? Number.POSITIVE_INFINITY];
  if (costA !== costB) return costA - costB;
  return a.devices - b.devices || a.load.tpotSeconds - b.load.tpotSeconds;
}
