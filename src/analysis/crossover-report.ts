/** What a crossover reports. */
import type { Bound } from "../timing/timing-model.ts";
import type { CrossingMethod } from "./crossing.ts";

/** One answer on one axis. */
export interface Crossing {
  /** The first batch (or context) at which it holds; null where it never does. */
  readonly value: number | null;
  /** The first one after it at which it no longer holds; null where it stays. */
  readonly until: number | null;
  readonly method: CrossingMethod;
  readonly reason: string;
  /** Whether the step at `value` fits in memory; null where there is no value. */
  readonly fits: boolean | null;
  /** Largest batch at this context, or context at this batch, that fits; null where memory sets no limit. */
  readonly largestThatFits: number | null;
}

export interface AxisCrossings {
  /** At the context given. */
  readonly batch: Crossing;
  /** At the batch given. */
  readonly context: Crossing;
}

/** The batch from which on one operation is bound by arithmetic. */
export interface OperationRidge {
  readonly name: string;
  readonly kind: string;
  readonly count: number;
  readonly batch: Crossing;
}

export interface CrossoverReport {
  readonly model: string;
  readonly hardware: string;
  readonly phase: "decode" | "prefill";
  readonly timing: "roofline" | "calibrated";
  readonly engine: string | null;
  readonly calibration: string | null;
  readonly batch: number;
  readonly context: number;
  readonly queryTokens: number;
  readonly beams: number;
  /** What binds the step at this batch and context, were there room for it. */
  readonly bound: Bound;
  readonly fits: boolean;
  /** Nothing fits: not even one request with the shortest context. */
  readonly nothingFits: boolean;
  readonly largestBatch: number | null;
  readonly largestContext: number | null;
  /** Bytes read: the cache's reach the weights'. */
  readonly weightToCache: AxisCrossings;
  /** Time: the share spent on the cache reaches the share spent on weights. */
  readonly weightToCacheSeconds: AxisCrossings;
  /** Totals: FLOPs / peak reach bytes / bandwidth. */
  readonly memoryToCompute: AxisCrossings;
  readonly operations: readonly OperationRidge[];
  /** Null where the model has no attention that could have one K/V head. */
  readonly multiQueryMatters: VariantMatters | null;
  /** Null where the heads can't be grouped. */
  readonly groupedQueryMatters: VariantMatters | null;
  /** Memory: the cache reaches the weights. */
  readonly cacheEqualsWeights: AxisCrossings;
  readonly notes: readonly string[];
}

/** Below each value the variant stops mattering. */
export interface VariantMatters extends AxisCrossings {
  readonly attention: string;
  readonly threshold: number;
  /** Seconds of multi-head attention over the variant's, at the batch and context given, were there room. */
  readonly speedup: number;
  /** What the speed-up tends to as the batch, or the context, grows. */
  readonly asymptoticSpeedup: { readonly batch: number; readonly context: number };
}
