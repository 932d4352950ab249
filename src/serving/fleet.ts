/**
 * Replicas behind a balancer, moved on from event to event. At one moment steps end first, then requests come, then steps start, so that
 * what arrives together is computed together. Events of steps stand in a heap; one whose replica ends at another time by now is
 * passed over.
 */
import FlatQueue from "flatqueue";
import type { FleetRecord } from "./fleet-record.ts";
import { Replica, type ReplicaRole } from "./replica.ts";
import type { ReplicaModel } from "./replica-model.ts";
import type { RequestArrivals } from "./request-arrivals.ts";
import type { Request } from "./request-stream.ts";
import { newSequence, type Sequence } from "./sequence.ts";

/** least-loaded: fewest requests that have not left, the first of them at a tie. */
export type Balancer = "least-loaded" | "round-robin";

/** Replicas that compute prompts and hand them over with their caches. */
export interface PrefillReplicas {
  readonly replica: ReplicaModel;
  readonly replicas: number;
  /** From a prompt's first token to the decode replica's queue. */
  transferSeconds(inputTokens: number): number;
}

export interface FleetSetup {
  readonly replica: ReplicaModel;
  readonly replicas: number;
  readonly balancer: Balancer;
  readonly prefill: PrefillReplicas | undefined;
  readonly queueLimit: number;
  readonly contextLimit: number;
}

/** Runs until no request is left; what happened stands in the record. Returns the replicas, those of prefill first. */
export function runFleet(setup: FleetSetup, arrivals: RequestArrivals, record: FleetRecord): readonly Replica[] {
  return new Fleet(setup, arrivals, record).run();
}

class Fleet {
  private readonly stepEnds: FlatQueue = new FlatQueue();
  private readonly handovers: FlatQueue<Sequence> = new FlatQueue<Sequence>();
  private readonly replicas: Replica[] = [];
  /** Replicas that start something at this moment. */
  private readonly starting: number[] = [];
  private readonly entry: ReplicaGroup;
  /** Where prompts go that are computed; null where they stay. */
  private readonly decoders: ReplicaGroup | null;
  private now = 0;
  private readonly setup: FleetSetup;
  private readonly arrivals: RequestArrivals;
  private readonly record: FleetRecord;

  constructor(setup: FleetSetup, arrivals: RequestArrivals, record: FleetRecord) {
    this.setup = setup;
    this.arrivals = arrivals;
    this.record = record;
    const { prefill, replica, replicas } = setup;
    if (prefill === undefined) {
      this.entry = this.group(replica, replicas, "whole");
      this.decoders = null;
    } else {
      this.entry = this.group(prefill.replica, prefill.replicas, "prefill");
      this.decoders = this.group(replica, replicas, "decode");
    }
  }

  run(): readonly Replica[] {
    const { stepEnds, handovers, arrivals } = this;
    const never = Number.POSITIVE_INFINITY;
    for (;;) {
      const now = Math.min(stepEnds.peekValue() ?? never, handovers.peekValue() ?? never, arrivals.nextSeconds());
      if (now === never) return this.replicas;
      this.now = now;
      this.record.advance(now);
      while (stepEnds.peekValue() === now) this.endStep(stepEnds.pop() as number);
      while (handovers.peekValue() === now) this.enqueue(this.decoders as ReplicaGroup, handovers.pop() as Sequence);
      while (arrivals.nextSeconds() <= now) this.arrive();
      for (const place of this.starting) this.start(place);
      this.starting.length = 0;
    }
  }

  private group(model: ReplicaModel, count: number, role: ReplicaRole): ReplicaGroup {
    const first = this.replicas.length;
    const left = (sequence: Sequence, seconds: number): void => this.leave(role, sequence, seconds);
    for (let i = 0; i < count; i++) this.replicas.push(new Replica(model, role, this.record, left));
    return { first, count, turn: 0 };
  }

  private endStep(place: number): void {
    const replica = this.replicas[place] as Replica;
    if (replica.endSeconds !== this.now) return;
    replica.finish();
    this.starting.push(place);
  }

  private start(place: number): void {
    const replica = this.replicas[place] as Replica;
    if (!replica.isIdle) return;
    replica.start(this.now);
    if (!replica.isIdle) this.stepEnds.push(place, replica.endSeconds);
  }

  private arrive(): void {
    const request: Request = { arrivalSeconds: 0, inputTokens: 0, outputTokens: 0 };
    this.arrivals.take(request);
    const { inputTokens, outputTokens } = request;
    this.record.arrived++;
    if (!this.accepts(inputTokens, outputTokens)) {
      this.record.rejected++;
      this.arrivals.left(this.now);
      return;
    }
    this.enqueue(this.entry, newSequence(request.arrivalSeconds, inputTokens, outputTokens));
  }

  private accepts(inputTokens: number, outputTokens: number): boolean {
    const serves = (group: ReplicaGroup | null): boolean =>
      group === null || (this.replicas[group.first] as Replica).canServe(inputTokens, outputTokens);
    return (
      this.record.waiting < this.setup.queueLimit &&
      inputTokens + outputTokens <= this.setup.contextLimit &&
      serves(this.entry) &&
      serves(this.decoders)
    );
  }

  private enqueue(group: ReplicaGroup, sequence: Sequence): void {
    const place = this.chosen(group);
    const replica = this.replicas[place] as Replica;
    if (group === this.decoders) this.record.running--;
    if (replica.enqueue(sequence, this.now)) this.stepEnds.push(place, replica.endSeconds);
    if (replica.isIdle) this.starting.push(place);
  }

  private chosen(group: ReplicaGroup): number {
    const { first, count } = group;
    if (this.setup.balancer === "round-robin") {
      const place = first + group.turn;
      group.turn = (group.turn + 1) % count;
      return place;
    }
    let best = first;
    for (let place = first + 1; place < first + count; place++) {
      if ((this.replicas[place] as Replica).outstanding < (this.replicas[best] as Replica).outstanding) best = place;
    }
    return best;
  }

  /** A sequence is done on its replica: its answer is whole, or it is handed over, still counted as running on its way. */
  private leave(role: ReplicaRole, sequence: Sequence, seconds: number): void {
    if (role === "prefill" && sequence.outputTokens > 1) {
      const transfer = this.setup.prefill?.transferSeconds(sequence.inputTokens) ?? 0;
      this.handovers.push(sequence, Math.max(this.now, seconds + transfer));
      return;
    }
    this.record.complete(sequence, seconds);
    this.arrivals.left(this.now);
  }
}

/** Neighbours in the list of replicas, and whose turn it is. */
interface ReplicaGroup {
  readonly first: number;
  readonly count: number;
  turn: number;
}
