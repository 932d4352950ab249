/**
 * The room for caches of one replica, counted in whole units of a power of two bytes, so that sums are exact: what is let in and what
 * is freed again leave nothing behind, and a cache that just fits does.
 *   one request       start + growth × decode steps done, a line from requestBytes(input) to requestBytes(input + output)
 *   held, promised    sums over those in the engine, of what they hold now and of what they will at their end
 *   let in            (1 − a) held + a promised + the request's own, likewise, ≤ capacity; a = admittedShare: the share of the rows
 *                     still to come that must be free. And one more step of all must fit, or it would be put back at once.
 * The rule is that of SGLang's scheduler (new token ratio) for all, vLLM's at a = 0, and no eviction at a = 1.
 */
import type { ReplicaModel } from "./replica-model.ts";
import type { Sequence } from "./sequence.ts";

/** Capacity in units, at most: sums of the ends of 8192 requests stay whole in a double. */
const mostUnits = 2 ** 40;

export class CacheRoom {
  readonly capacityUnits: number;
  heldUnits = 0;
  /** The most ever held. */
  peakUnits = 0;
  private promisedUnits = 0;
  private readonly unitsPerByte: number;
  private readonly model: ReplicaModel;

  constructor(model: ReplicaModel) {
    const { cacheCapacityBytes } = model;
    this.model = model;
    this.unitsPerByte = Number.isFinite(cacheCapacityBytes)
      ? 2 ** Math.floor(Math.log2(mostUnits / cacheCapacityBytes))
      : 1;
    this.capacityUnits = this.units(cacheCapacityBytes);
  }

  /** Fills in a sequence's cache; its decode steps must stand. @param endRows rows at its end */
  measure(sequence: Sequence, endRows: number): void {
    const start = this.units(this.model.requestBytes(sequence.inputTokens));
    sequence.startUnits = start;
    const steps = sequence.decodeSteps;
    sequence.growthUnits =
      steps === 0 ? 0 : Math.max(0, Math.floor((this.units(this.model.requestBytes(endRows)) - start) / steps));
  }

  /** Whether a request of so many rows fits here alone. */
  holdsAlone(rows: number): boolean {
    return this.model.requestBytes(rows) <= this.model.cacheCapacityBytes;
  }

  /** Whether the sequence may be let in where a decode step adds `growthUnits` to those inside. */
  admits(sequence: Sequence, growthUnits: number): boolean {
    const share = this.model.policy.admittedShare;
    const now = this.heldUnits + nowUnits(sequence);
    const atEnd = this.promisedUnits + endUnits(sequence);
    return (
      (1 - share) * now + (share > 0 ? share * atEnd : 0) <= this.capacityUnits &&
      now + growthUnits + sequence.growthUnits <= this.capacityUnits
    );
  }

  take(sequence: Sequence): void {
    this.promisedUnits += endUnits(sequence);
    this.grow(nowUnits(sequence));
  }

  free(sequence: Sequence): void {
    this.promisedUnits -= endUnits(sequence);
    this.heldUnits -= nowUnits(sequence);
  }

  grow(units: number): void {
    this.heldUnits += units;
    if (this.heldUnits > this.peakUnits) this.peakUnits = this.heldUnits;
  }

  /** Decode steps that fit before memory is full where each adds `growthUnits`. */
  stepsThatFit(growthUnits: number): number {
    return growthUnits > 0 ? Math.floor((this.capacityUnits - this.heldUnits) / growthUnits) : Number.POSITIVE_INFINITY;
  }

  /** Share of the capacity; 0 where it has no end. */
  shareOf(units: number): number {
    return units / this.capacityUnits;
  }

  private units(bytes: number): number {
    return Math.floor(bytes * this.unitsPerByte);
  }
}

function nowUnits(sequence: Sequence): number {
  return sequence.startUnits + sequence.growthUnits * sequence.stepsDone;
}

function endUnits(sequence: Sequence): number {
  return sequence.startUnits + sequence.growthUnits * sequence.decodeSteps;
}
