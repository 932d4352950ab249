/**
 * Continuous batching, simulated from event to event: requests come to a fleet of replicas, wait, are let in, computed beside others
 * (replica.ts) and leave. Deterministic: what is drawn is drawn by the stream of requests.
 * Holds against M/D/1, M/M/c, M/G/∞ and Little's law in test/serving/. Source of the scheduling: Yu et al. 2022 (Orca), iteration-level scheduling;
 * Kwon et al. 2023 (vLLM), admission and recomputation.
 * @example one request of 100 + 11 tokens on an idle replica, 50 ms a step with a prompt, 10 ms a step without: TTFT 50 ms, TPOT 10 ms,
 * end to end 150 ms
 */
import { InvalidInput } from "../quantity/invalid-input.ts";
import { type Balancer, type PrefillReplicas, runFleet } from "./fleet.ts";
import { FleetRecord, type LatencyObjectives } from "./fleet-record.ts";
import type { LatencyDistribution } from "./latency-sketch.ts";
import type { SeriesPoint } from "./load-series.ts";
import type { ReplicaModel } from "./replica-model.ts";
import { closedArrivals, openArrivals } from "./request-arrivals.ts";
import type { RequestStream } from "./request-stream.ts";

/**
 * open: requests come by themselves. closed: so many users keep one request each in flight, lengths taken from the stream in turn and
 * its times ignored; the run ends when the stream has ended and everything is served.
 */
export type SimulatedLoad =
  | { readonly kind: "open"; readonly requests: RequestStream }
  | {
      readonly kind: "closed";
      readonly users: number;
      readonly requests: RequestStream;
      /** Over which the users send their first requests, evenly; all at once by default. */
      readonly rampSeconds?: number | undefined;
    };

export interface SimulationRequest {
  readonly replica: ReplicaModel;
  readonly replicas: number;
  readonly balancer: Balancer;
  readonly load: SimulatedLoad;
  /** Prefill on replicas of their own: requests go there first, then with their cache to one of `replicas`, which only decode. */
  readonly prefill?: PrefillReplicas | undefined;
  /** Requests that may wait in all, at least 1; later ones are rejected. 100_000 by default. */
  readonly queueLimit?: number | undefined;
  /** Rows that the model can attend to; requests whose input and output are longer are rejected. No limit by default. */
  readonly contextLimit?: number | undefined;
  /** Requests completed at the beginning that are left out of the percentiles and of goodputShare. 0 by default. */
  readonly warmupRequests?: number | undefined;
  readonly objectives?: LatencyObjectives | undefined;
  /** Called now and then with the number of requests completed so far. */
  readonly onProgress?: ((completed: number) => void) | undefined;
}

export interface SimulationResult {
  /** completed + rejected = arrived; preempted counts pre-emptions, one request perhaps several times. */
  readonly requests: {
    readonly arrived: number;
    readonly completed: number;
    readonly rejected: number;
    readonly preempted: number;
  };
  /** First token − arrival + the replica's requestSeconds. */
  readonly ttftSeconds: LatencyDistribution;
  /** (Last token − first token) / (output tokens − 1), of requests with two output tokens and more. */
  readonly tpotSeconds: LatencyDistribution;
  /** Last token − arrival + requestSeconds. */
  readonly endToEndSeconds: LatencyDistribution;
  /** From arrival to the start of the first step that computes some of the request. */
  readonly queueSeconds: LatencyDistribution;
  /** Share of the completed requests that meet every objective; one without a second token meets any TPOT. 0 where none completed. */
  readonly goodputShare: number;
  /** Until the last completion. */
  readonly durationSeconds: number;
  /** Of completed requests. */
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Output tokens and completed requests over the duration; 0 where nothing took time. */
  readonly tokensPerSecond: number;
  readonly requestsPerSecond: number;
  /** Mean share of time that replicas were in a step. */
  readonly utilization: number;
  /** Means over time: requests in engines or on the way between two, and in queues. */
  readonly meanRunning: number;
  readonly meanWaiting: number;
  /** The most that one replica's caches took of their room. */
  readonly peakCacheShare: number;
  readonly series: readonly SeriesPoint[];
}

/** @throws InvalidInput for a fleet or a stream that makes no sense, naming the field */
export function simulateServing(request: SimulationRequest): SimulationResult {
  const { replica, replicas, balancer, load, prefill, onProgress, objectives = {} } = request;
  const { queueLimit = 100_000, contextLimit = Number.POSITIVE_INFINITY, warmupRequests = 0 } = request;
  checkReplica(replica);
  atLeastOne("replicas", replicas);
  limit("queueLimit", queueLimit);
  within("warmupRequests", warmupRequests >= 0, warmupRequests, "at least 0");
  if (prefill !== undefined) {
    checkReplica(prefill.replica);
    atLeastOne("prefill.replicas", prefill.replicas);
  }
  if (load.kind === "closed") {
    atLeastOne("users", load.users);
    const { rampSeconds = 0 } = load;
    within("rampSeconds", rampSeconds >= 0 && Number.isFinite(rampSeconds), rampSeconds, "at least 0");
  }
  const record = new FleetRecord({
    replicas: replicas + (prefill?.replicas ?? 0),
    requestSeconds: (prefill?.replica ?? replica).requestSeconds,
    ...{ warmupRequests, objectives, onProgress },
  });
  const arrivals =
    load.kind === "open" ? openArrivals(load.requests) : closedArrivals(load.requests, load.users, load.rampSeconds);
  const fleet = runFleet({ replica, replicas, balancer, prefill, queueLimit, contextLimit }, arrivals, record);
  const { arrived, completed, rejected, preempted, inputTokens, outputTokens, durationSeconds } = record;
  const counted = Math.max(0, completed - warmupRequests);
  const overTime = (area: number): number => (durationSeconds > 0 ? area / durationSeconds : 0);
  return {
    requests: { arrived, completed, rejected, preempted },
    ttftSeconds: record.ttft.distribution(),
    tpotSeconds: record.tpot.distribution(),
    endToEndSeconds: record.endToEnd.distribution(),
    queueSeconds: record.queue.distribution(),
    goodputShare: counted > 0 ? record.metObjectives / counted : 0,
    ...{ durationSeconds, inputTokens, outputTokens },
    tokensPerSecond: overTime(outputTokens),
    requestsPerSecond: overTime(completed),
    utilization: overTime(fleet.reduce((sum, { busySeconds }) => sum + busySeconds, 0) / fleet.length),
    meanRunning: overTime(record.runningArea),
    meanWaiting: overTime(record.waitingArea),
    peakCacheShare: fleet.reduce((most, { room }) => Math.max(most, room.shareOf(room.peakUnits)), 0),
    series: record.series.points(durationSeconds),
  };
}

function checkReplica(replica: ReplicaModel): void {
  const { steps, policy } = replica;
  limit("maxSequences", replica.maxSequences);
  within("cacheCapacityBytes", replica.cacheCapacityBytes > 0, replica.cacheCapacityBytes, "above 0");
  share("cachedPromptShare", replica.cachedPromptShare);
  share("admittedShare", policy.admittedShare);
  within("requestSeconds", replica.requestSeconds >= 0, replica.requestSeconds, "at least 0");
  within("tokensPerStep", steps.tokensPerStep > 0, steps.tokensPerStep, "above 0");
  limit("stepTokens", policy.stepTokens);
  atLeastOne("stages", steps.stages);
}

function atLeastOne(field: string, value: number): void {
  within(field, Number.isInteger(value) && value >= 1, value, "a whole number of at least 1");
}

/** Infinity is a limit that never binds. */
function limit(field: string, value: number): void {
  if (value !== Number.POSITIVE_INFINITY) atLeastOne(field, value);
}

function share(field: string, value: number): void {
  within(field, value >= 0 && value <= 1, value, "a share from 0 to 1");
}

function within(field: string, holds: boolean, value: number, wants: string): void {
  if (!holds) throw new InvalidInput(field, String(value), wants);
}
