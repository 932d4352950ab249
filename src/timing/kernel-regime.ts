/**
 * What rules the time of a kernel call, by which its error is told: calls that wait for bytes scatter otherwise than those that
 * multiply, whose time hangs on tiles, waves and the power limit.
 *   memory    start-up or bytes: arithmetic (or a link) takes less than two thirds of the bytes' time, or half the call is start-up
 *   compute   the others
 */
import type { KernelTime } from "./kernel-form.ts";

export const kernelRegimes = ["memory", "compute"] as const;
export type KernelRegime = (typeof kernelRegimes)[number];

const near = 1.5;

/** @example 10 µs of memory and 5 of compute: "memory"; 10 and 8: "compute", but not where a start-up of 12 stands before them */
export function kernelRegime({
  seconds,
  startSeconds,
  memorySeconds,
  computeSeconds,
  linkSeconds,
}: KernelTime): KernelRegime {
  if (startSeconds > seconds / 2) return "memory";
  const other = computeSeconds > linkSeconds ? computeSeconds : linkSeconds;
  return memorySeconds >= near * other ? "memory" : "compute";
}
