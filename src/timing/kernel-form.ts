/**
 * A kernel form: how long one call of a kernel takes on a machine, as a formula of a few parameters with a meaning. A form is
 * one file in kernels/, for one kind of work; a fit gives its parameters values for one kernel (one software, one number format).
 * Every form holds, for all parameters within their bounds:
 *   large    seconds tend to work / (efficiency × ceiling), efficiencies at most 1       small   seconds tend to a start-up above 0
 *   monotone more work or a slower machine never take less time, but for the steps of whole waves and tiles where a form has them
 * Parameters are pure numbers or start-up seconds, ceilings are the machine's: that is what carries a fit to another machine.
 */
import type { ComputeFormat } from "../quantity/number-format.ts";

/** What of a machine the forms ask for. */
export interface KernelMachine {
  /** Read ceiling of the memory. */
  readonly bytesPerSecond: number;
  /** Units that run blocks at the same time: streaming multiprocessors, compute units, cores. */
  readonly processors: number;
  /** The last-level cache; 0 where unknown. */
  readonly cacheBytes: number;
  /** Peak of the matrix units by format, dense. Callers resolve widening (computePeak) before a call names its peak. */
  readonly peakFlopsPerSecond: Readonly<Partial<Record<ComputeFormat, number>>>;
  /** One device's rate in one direction to its peers; null without a link. */
  readonly linkBytesPerSecond: number | null;
}

export interface FormParameter {
  /** With its unit where it has one: "startSeconds", "bandwidthEfficiency". */
  readonly name: string;
  /** One line for the reader of a fit. */
  readonly meaning: string;
  readonly unit: "s" | "share" | "number";
  /** Above 0: fits work on logarithms. */
  readonly lowest: number;
  readonly highest: number;
  /** Where fits begin; several where the form has several valleys. */
  readonly starts: readonly [number, ...number[]];
  /** How far, as a logarithm, a start may be off: less than the usual 2 where other tables have shown it, more where it says nothing. */
  readonly spread?: number;
}

/** Seconds of one call, and of what they are made. The parts need not sum to the seconds: they overlap. */
export interface KernelTime {
  seconds: number;
  startSeconds: number;
  memorySeconds: number;
  computeSeconds: number;
  linkSeconds: number;
}

export interface KernelForm<Call extends object> {
  /** The file's name, such as "linear". */
  readonly kind: string;
  readonly parameters: readonly FormParameter[];
  /** Fills `into` for one call; `parameters` in the order of the form's. Pure, no allocation: it is the hot path of every prediction. */
  time(parameters: ArrayLike<number>, call: Call, machine: KernelMachine, into: KernelTime): void;
}

export function emptyKernelTime(): KernelTime {
  return { seconds: 0, startSeconds: 0, memorySeconds: 0, computeSeconds: 0, linkSeconds: 0 };
}
