/**
 * Whether a row's data comes from memory. A cold row is prepared as several copies that together pass the last cache twice,
 * and each run takes the next: what a run reads has then been pushed out by the others. What passes the cache twice alone is
 * cold however it is run.
 */

import type { KernelBackend } from "../kernels/kernel.ts";
import type { MeasuredShape } from "./measured-shape.ts";
import { shapeBytes } from "./shape-bytes.ts";

/** auto: small kernels as they are in a step, where what they read was written just before; all else cold. */
export type Temperature = "cold" | "warm" | "auto";

/** More than the last cache of most GPUs (H100 50 MB, RTX 5090 96 MB); WebGPU tells nothing of it. */
const gpuCacheBytes = 128 * 2 ** 20;

/** The last cache that a backend's data passes through, on a machine whose processor has one of so many bytes. */
export function cacheBytesOf(backend: KernelBackend["name"], processorCacheBytes: number): number {
  return backend === "webgpu" ? Math.max(gpuCacheBytes, processorCacheBytes) : processorCacheBytes;
}

/** Times that the copies together pass the last cache. */
const cacheTimes = 2;
/** More copies take longer to make than to time: unless a cold time was asked for, work so small is measured warm. */
const mostCopies = 32;
/** Where it was asked for: 64 MiB of the smallest rows of a step (8 kB). Work smaller still is measured warm, and its row says so. */
const mostCopiesAsked = 8192;

export interface RowTemperature {
  readonly cold: boolean;
  readonly copies: number;
}

/**
 * @param lastCacheBytes of the outermost cache
 * @example 16 MB beside a cache of 32 MB are run as 4 copies to be cold, 100 MB as one
 */
export function rowTemperature(shape: MeasuredShape, asked: Temperature, lastCacheBytes: number): RowTemperature {
  const copies = Math.max(1, Math.ceil((cacheTimes * lastCacheBytes) / shapeBytes(shape).moved));
  if (copies === 1) return { cold: true, copies };
  const wanted = asked === "auto" ? shape.kind !== "elementwise" : asked === "cold";
  const most = asked === "cold" ? mostCopiesAsked : mostCopies;
  return wanted && copies <= most ? { cold: true, copies } : { cold: false, copies: 1 };
}
