/**
 * What turns counts into seconds. The roofline is one such model; others take its place without a change elsewhere:
 * a model is bound to a plan once, then times each counted step.
 */
import type { StepTape } from "../step/count-step.ts";
import type { StepPlan } from "../step/step-plan.ts";

/** What a share of the time is spent on. */
export type Bound = "weights" | "cache" | "activations" | "compute" | "link" | "overhead";

export const bounds: readonly Bound[] = ["weights", "cache", "activations", "compute", "link", "overhead"];

/** Seconds of one step; a mutable record that the next evaluation may use again. */
export interface StepTime {
  /** Sum over the operations, and over what the software adds. */
  seconds: number;
  /** Maximum over the totals: all bytes at full bandwidth, all FLOPs at the peaks, all link bytes at the link's rate. */
  lowerBoundSeconds: number;
  /** Seconds of each operation of the plan, all its instances together. */
  readonly operationSeconds: Float64Array;
  /** The step's seconds by what they are spent on: memory-bound time is divided by bytes. */
  readonly secondsByBound: Record<Bound, number>;
  /** Prediction interval, where the model gives one. */
  interval: { readonly low: number; readonly high: number; readonly level: number } | null;
  /** Where all the step's bytes come from: a cache's name, or "memory". */
  memoryLevel: string;
}

export interface StepTimer {
  time(tape: StepTape, into: StepTime): StepTime;
  /** What binds one operation, by its share of the time. */
  boundOf(tape: StepTape, operation: number): Bound;
}

export interface TimingModel {
  readonly id: "roofline" | "calibrated";
  /** The software whose kernels and overheads it times; null where none is. */
  readonly engine: string | null;
  /** The calibration that it times by; null where none is. */
  readonly calibration: string | null;
  /**
   * Whether its constants were fitted with what devices exchange counted in the activations' own format, so that a link's share makes
   * up for the rest; else 16 bits at least are to be counted.
   */
  readonly countsLinkAsActivations?: boolean;
  /** Where it says which peak stands in for a missing one, and the like. */
  readonly notes: readonly string[];
  bind(plan: StepPlan): StepTimer;
}

export function emptyStepTime(plan: StepPlan): StepTime {
  return {
    seconds: 0,
    lowerBoundSeconds: 0,
    operationSeconds: new Float64Array(plan.operations.length),
    secondsByBound: { weights: 0, cache: 0, activations: 0, compute: 0, link: 0, overhead: 0 },
    interval: null,
    memoryLevel: "memory",
  };
}

/** The part with the largest share of the seconds; the first in the order of `bounds` where two are equal. */
export function largestBound(secondsByBound: Readonly<Record<Bound, number>>): Bound {
  let largest: Bound = "weights";
  for (const bound of bounds) if (secondsByBound[bound] > secondsByBound[largest]) largest = bound;
  return largest;
}
