/**
 * What a kernel takes beside what its bytes and FLOPs would at the machine's ceilings:
 *   t = t0 + ((m / e)^q + (f / c)^q)^(1/q)
 *   m   seconds of its bytes at the bandwidth of the level they come from      f   seconds of its FLOPs at their format's peak
 *   t0  start-up: launch, waking of threads, first and last bytes              e   share of the bandwidth reached by large ones
 *   c   share of the peak reached by large ones                                q   sharpness of the knee: how far both overlap
 * q 1: one after the other; q large: the longer of the two; below 1: they hinder each other.
 * For q > 0 the time grows with m and f; it tends to m / e where bytes rule, to f / c where FLOPs rule, to t0 where neither.
 */
import type { ComputeFormat } from "../quantity/number-format.ts";

export interface KernelFit {
  /** t0. */
  readonly startSeconds: number;
  /** e, of the bandwidth; above 0 and, but for the ceilings' own spread, at most 1. */
  readonly bandwidthEfficiency: number;
  /** c, of the peak; likewise. */
  readonly computeEfficiency: number;
  /** q. */
  readonly kneeSharpness: number;
  /** Whose peak c is a share of, where the kernels multiply in another format than the operation says. */
  readonly multiplies?: ComputeFormat;
}

export type KernelParameter = Exclude<keyof KernelFit, "multiplies">;

export const kernelParameters: readonly KernelParameter[] = [
  "startSeconds",
  "bandwidthEfficiency",
  "computeEfficiency",
  "kneeSharpness",
];

/**
 * Seconds of one kernel, its bytes and FLOPs given as their seconds at the ceilings.
 * @example t0 1 µs, e 0.8, c 0.5, q 1, m 8 µs, f 2 µs: 1 + 10 + 4 = 15 µs
 */
export function kernelSeconds(fit: KernelFit, memorySeconds: number, computeSeconds: number): number {
  return (
    fit.startSeconds +
    kneeSeconds(memorySeconds / fit.bandwidthEfficiency, computeSeconds / fit.computeEfficiency, fit.kneeSharpness)
  );
}

/** (a^q + b^q)^(1/q), by the larger of the two, so that no power over- or underflows. */
export function kneeSeconds(a: number, b: number, q: number): number {
  const larger = a > b ? a : b;
  const smaller = a > b ? b : a;
  if (smaller === 0) return larger;
  return larger * (1 + (smaller / larger) ** q) ** (1 / q);
}
