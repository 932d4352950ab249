/** A candidate as plain figures, in the names of the contract (docs/planning.md). */
import { formatRatio } from "../quantity/format-quantity.ts";
import { type Binding, bindingOf } from "./binding.ts";
import { type Candidate, fleetText, type Interval } from "./candidate.ts";
import type { Refusal } from "./refusal.ts";

/** Of the fullest device, in bytes; they sum to capacityBytes. */
export interface DeviceMemory {
  readonly weightBytes: number;
  /** Held by requests on average. */
  readonly cacheBytes: number;
  /** Room for more of them. */
  readonly freeBytes: number;
  readonly activationBytes: number;
  readonly runtimeBytes: number;
  readonly collectiveBytes: number;
  readonly fragmentationBytes: number;
  readonly reserveBytes: number;
  readonly capacityBytes: number;
}

export interface CandidateRow {
  readonly hardware: string;
  readonly engine: string;
  readonly weights: string;
  readonly kvCache: string;
  /** "2 × (TP 4)" */
  readonly fleet: string;
  readonly replicas: number;
  readonly tp: number;
  readonly pp: number;
  readonly ep: number;
  readonly prefill: {
    readonly replicas: number;
    readonly tp: number;
    readonly pp: number;
    readonly ep: number;
    readonly devices: number;
    readonly utilization: number;
    readonly transferSeconds: number;
  } | null;
  readonly devices: number;
  readonly nodes: number;
  /** Sequences that decode in one replica on average, and requests that it can hold. */
  readonly batch: number;
  readonly maxSequences: number;
  /** At the objectives' percentile. */
  readonly ttftSeconds: number;
  readonly tpotSeconds: number;
  readonly endToEndSeconds: number;
  readonly meanTtftSeconds: number;
  readonly meanTpotSeconds: number;
  readonly ttftInterval: Interval | null;
  readonly tpotInterval: Interval | null;
  readonly requestsPerSecond: number;
  readonly tokensPerSecond: number;
  readonly utilization: number;
  readonly memory: DeviceMemory;
  readonly costPerHour: number | null;
  readonly costPerMillionTokens: number | null;
  readonly powerWatts: number | null;
  readonly joulesPerToken: number | null;
  readonly binding: Binding["kind"];
  readonly bindingText: string;
  /** Why it is not the best; null of the best. */
  readonly lost: string | null;
}

export function candidateRow(
  candidate: Candidate,
  best: Candidate,
  refusals: readonly Refusal[],
  amount: number,
): CandidateRow {
  const { planned, load, prefill, intervals } = candidate;
  const { tensor: tp, pipeline: pp, expert: ep } = planned.layout.parallelism;
  const binding = bindingOf(candidate, refusals, amount);
  const { plan } = planned.steps.decode.predictor;
  return {
    hardware: candidate.machine.hardware.id,
    engine: planned.engine.id,
    weights: planned.formats.weights?.id ?? plan.formats.matrices.id,
    kvCache: planned.formats.kvCache.id,
    fleet: fleetText(candidate),
    ...{ replicas: candidate.replicas, tp, pp, ep },
    prefill: prefill === null ? null : prefillRow(prefill),
    ...{ devices: candidate.devices, nodes: candidate.nodes },
    batch: load.decoding,
    maxSequences: Math.floor(planned.open.slots),
    ...{ ttftSeconds: load.ttftSeconds, tpotSeconds: load.tpotSeconds, endToEndSeconds: load.endToEndSeconds },
    ...{ meanTtftSeconds: load.meanTtftSeconds, meanTpotSeconds: load.meanTpotSeconds },
    ...{ ttftInterval: intervals.ttftSeconds, tpotInterval: intervals.tpotSeconds },
    ...{ requestsPerSecond: candidate.requestsPerSecond, tokensPerSecond: candidate.tokensPerSecond },
    utilization: load.utilization,
    memory: deviceMemory(candidate),
    ...{ costPerHour: candidate.costPerHour, costPerMillionTokens: candidate.costPerMillionTokens },
    ...{ powerWatts: candidate.powerWatts, joulesPerToken: candidate.joulesPerToken },
    ...{ binding: binding.kind, bindingText: binding.text },
    lost: candidate === best ? null : whyLost(candidate, best),
  };
}

function prefillRow({
  planned,
  replicas,
  devices,
  utilization,
  transferSeconds,
}: NonNullable<Candidate["prefill"]>): CandidateRow["prefill"] {
  const { tensor: tp, pipeline: pp, expert: ep } = planned.layout.parallelism;
  return { ...{ replicas, tp, pp, ep }, ...{ devices, utilization, transferSeconds } };
}

function deviceMemory({ planned, load }: Candidate): DeviceMemory {
  const { memory, replica, steps } = planned;
  const { parts, capacityBytes, roomBytes } = memory;
  const { input, output } = planned.open.workload;
  const rows = input.mean + (replica.policy.reservedShare * output.meanSquare) / output.mean;
  const cacheBytes = Math.min(roomBytes, (load.running / steps.groups) * replica.requestBytes(rows));
  return { ...parts, cacheBytes, freeBytes: roomBytes - cacheBytes, capacityBytes };
}

function whyLost(candidate: Candidate, best: Candidate): string {
  const { costPerHour, devices, load } = candidate;
  if (costPerHour === null && best.costPerHour !== null) return "no price is known for it";
  if (costPerHour !== null && best.costPerHour !== null && costPerHour > best.costPerHour) {
    const more =
      best.costPerHour > 0 ? `${Math.round(100 * (costPerHour / best.costPerHour - 1))} % dearer` : "costs something";
    return devices === best.devices ? more : `${more}: ${against(devices, best.devices)}`;
  }
  if (devices > best.devices) return against(devices, best.devices);
  return `the same cost, TPOT ${formatRatio(load.tpotSeconds / best.load.tpotSeconds)} as long`;
}

function against(devices: number, best: number): string {
  return `${devices} ${devices === 1 ? "device" : "devices"} against ${best}`;
}
