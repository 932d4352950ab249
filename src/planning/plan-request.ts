/**
 * The question of a plan, in SI units and checked: made of a plan file, of the command line, or of both (plan-request-of.ts).
 * Null stands for what was not asked for and is then the planner's or the engine's to choose.
 */
import type { NumberFormat } from "../quantity/number-format.ts";
import type { ArrivalProcess } from "../serving/arrivals.ts";
import type { LengthDistribution } from "../serving/length-distribution.ts";
import type { EngineId } from "../timing/execution-profile.ts";
import type { Objectives } from "./objectives.ts";

export interface PlanRequest {
  readonly model: { readonly kind: "built-in"; readonly id: string } | { readonly kind: "file"; readonly path: string };
  readonly workload: RequestedWorkload;
  readonly objectives: Objectives;
  readonly candidates: RequestedCandidates;
  /** US dollars an hour and device, by hardware; they replace the profile's. */
  readonly prices: Readonly<Record<string, number>>;
  readonly limits: RequestedLimits;
  /** Changes to the model or the formats, each a question of its own: "kv-heads=1". */
  readonly whatIf: readonly string[];
  readonly simulation: RequestedSimulation;
}

interface AnyWorkload {
  /** Share of each prompt that requests have in common and that prefix caching finds computed, 0 up to but not 1. */
  readonly sharedPrefix: number;
}

interface DrawnWorkload extends AnyWorkload {
  readonly input: LengthDistribution;
  readonly output: LengthDistribution;
}

/** Requests that come by themselves, users who wait for their answers, or what was recorded. */
export type RequestedWorkload =
  | (DrawnWorkload & { readonly kind: "rate"; readonly arrivals: ArrivalProcess })
  | (DrawnWorkload & { readonly kind: "users"; readonly users: number })
  | (AnyWorkload & {
      readonly kind: "trace";
      readonly path: string;
      /** The mean rate that the trace is scaled to; null: as it was recorded. */
      readonly requestsPerSecond: number | null;
    });

export interface RequestedCandidates {
  /** Built-in names, or paths. */
  readonly hardware: readonly string[];
  /** In all, over all replicas. */
  readonly mostDevices: number | null;
  /** Counts in all that alone are allowed. */
  readonly deviceCounts: readonly number[] | null;
  /** Null: the format that the model is published in. */
  readonly weights: readonly (NumberFormat | null)[];
  /** Null: the engine's own choice. */
  readonly kvCaches: readonly (NumberFormat | null)[];
  readonly activations: NumberFormat | null;
  readonly engine: EngineId | null;
  /** Null: the one that the engine's constants were fitted on. */
  readonly engineVersion: string | null;
  readonly tensorParallel: readonly number[] | null;
  readonly pipelineParallel: readonly number[] | null;
  readonly expertParallel: readonly number[] | null;
  readonly replicas: readonly number[] | null;
  readonly separatePrefill: "auto" | "never" | "always";
  readonly speculative: RequestedSpeculation | null;
  readonly maxSequences: number | null;
  readonly stepTokens: number | null;
}

export interface RequestedSpeculation {
  /** Drafted for each sequence and step. */
  readonly tokens: number;
  /** The probability that a drafted token is taken, 0 up to but not 1. */
  readonly acceptance: number;
  /** A built-in model; null: a head of one layer on the model itself. */
  readonly draft: string | null;
}

export interface RequestedLimits {
  readonly powerWatts: number | null;
  readonly devicesPerNode: number | null;
  /** From one device to those of other nodes, in one direction. */
  readonly nodeLinkBytesPerSecond: number | null;
  /** US dollars. */
  readonly costPerHour: number | null;
  /** Devices that are there already, which cost nothing more. */
  readonly owned: readonly OwnedDevices[];
  readonly memoryShare: number | null;
  /** Share of what a replica sustains that it may be loaded with. */
  readonly utilization: number | null;
}

export interface OwnedDevices {
  readonly hardware: string;
  readonly count: number;
  readonly region: string | null;
}

export interface RequestedSimulation {
  readonly requests: number;
  readonly seed: number;
  /** How many of the best plans are simulated; 0: none. */
  readonly best: number;
}
