/**
 * The levels that a machine's bytes come from: the caches whose bandwidth is known, from the innermost outwards, then memory.
 * What is read again and again lives in the innermost level that holds all of it, and is read at that level's bandwidth.
 * A cache is a level only where it is faster than what lies outside it: a slower figure is an error of measuring.
 * @example 4 MB on a machine with 2 MiB of L2 and 32 MiB of L3 live in the L3
 */
import type { Hardware } from "./hardware.ts";

export interface MemoryLevel {
  /** A cache's name, or "memory". */
  readonly name: string;
  readonly isCache: boolean;
  /** What it holds; memory holds everything here, since whether a step fits is asked elsewhere. */
  readonly bytes: number;
  readonly bytesPerSecond: number;
  readonly secondsPerByte: number;
}

/** From the innermost to memory: the bytes grow, the bandwidths fall. */
export function memoryLevels(hardware: Hardware): readonly MemoryLevel[] {
  const memory = level("memory", false, Number.POSITIVE_INFINITY, hardware.memoryBandwidthBytesPerSecond);
  const outermostFirst = [...hardware.caches].sort((a, b) => b.bytes - a.bytes);
  const levels = [memory];
  for (const { name, bytes, bandwidthBytesPerSecond: bandwidth } of outermostFirst) {
    if (bandwidth !== null && bandwidth > levels[0]!.bytesPerSecond)
      levels.unshift(level(name, true, bytes, bandwidth));
  }
  return levels;
}

/** The innermost of the levels that holds this many bytes. */
export function levelHolding(levels: readonly MemoryLevel[], bytes: number): MemoryLevel {
  for (let i = 0; i < levels.length - 1; i++) {
    const each = levels[i]!;
    if (bytes <= each.bytes) return each;
  }
  return levels[levels.length - 1]!;
}

/**
 * The machine without the bandwidths of its caches: everything comes from memory, as in a measurement that takes care that
 * nothing is left in a cache from the run before. What the caches hold stays known.
 */
export function withoutCaches(hardware: Hardware): Hardware {
  return { ...hardware, caches: hardware.caches.map((cache) => ({ ...cache, bandwidthBytesPerSecond: null })) };
}

function level(name: string, isCache: boolean, bytes: number, bytesPerSecond: number): MemoryLevel {
  return { name, isCache, bytes, bytesPerSecond, secondsPerByte: 1 / bytesPerSecond };
}
