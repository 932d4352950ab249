/**
 * What rules the time of a kernel call, by which its error is told: calls ruled by the same part scatter alike.
 *   start      more than half of it is start-up           memory, compute   that part is 1.5 times the others (compute: or a link)
 *   knee       neither: both are near each other
 */
import type { KernelTime } from "./kernel-form.ts";

export const kernelRegimes = ["start", "memory", "knee", "compute"] as const;
export type KernelRegime = (typeof kernelRegimes)[number];

const rules = 1.5;

/** @example 10 µs of which 6 are start-up: "start"; 10 µs of memory and 5 of compute: "memory" */
export function kernelRegime({
  seconds,
  startSeconds,
  memorySeconds,
  computeSeconds,
  linkSeconds,
}: KernelTime): KernelRegime {
  if (startSeconds > seconds / 2) return "start";
  const other = computeSeconds > linkSeconds ? computeSeconds : linkSeconds;
  if (memorySeconds >= rules * other) return "memory";
  return other >= rules * memorySeconds ? "compute" : "knee";
}
