/**
 * What is run to see a machine's ceilings:
 *   streams        read, write, copy and triad over working sets from 16 KiB, by factors of √2 (reads) or 2, to at least
 *                  256 MiB and four times the last cache, where memory alone answers
 *   multiply-adds  on operands of each storage format
 *   an empty kernel: what it costs to start one
 * each on every number of threads.
 */
import type { StorageFormat, StreamWork } from "../kernels/kernel.ts";

export type CeilingPoint = { readonly threads: number } & (
  | { readonly kind: "stream"; readonly stream: StreamWork["stream"]; readonly workingSetBytes: number }
  | { readonly kind: "multiply-add"; readonly format: StorageFormat }
  | { readonly kind: "empty" }
);

export interface CeilingGridSettings {
  /** Numbers of threads, each on a backend of its own. */
  readonly threads: readonly number[];
  /** Bytes of all instances of the outermost cache; null where nobody says. */
  readonly lastCacheBytes: number | null;
  readonly formats: readonly StorageFormat[];
  /** Reads by factors of 2 as well, and the others by 4. */
  readonly quick: boolean;
}

export const smallestWorkingSetBytes: number = 16 * 1024;
const leastLargestBytes = 256 * 1024 * 1024;
/** Memory is what answers beyond so many times the last cache. */
export const memoryFromCaches = 4;

const streams: readonly StreamWork["stream"][] = ["read", "write", "copy", "triad"];

export function ceilingGrid(settings: CeilingGridSettings): CeilingPoint[] {
  const { quick } = settings;
  return settings.threads.flatMap((threads) => [
    { kind: "empty", threads },
    ...settings.formats.map((format): CeilingPoint => ({ kind: "multiply-add", format, threads })),
    ...streams.flatMap((stream): CeilingPoint[] => {
      const perDoubling = stream === "read" ? (quick ? 1 : 2) : quick ? 0.5 : 1;
      const sets = workingSets(settings.lastCacheBytes, perDoubling);
      return sets.map((workingSetBytes) => ({ kind: "stream", stream, workingSetBytes, threads }));
    }),
  ]);
}

/**
 * Working sets from 16 KiB to at least 256 MiB and twice the point from which memory alone answers, in whole KiB.
 * @example with 32 MiB of last cache, at two a doubling: 16 KiB, 23 KiB, 32 KiB … 181 MiB, 256 MiB
 */
export function workingSets(lastCacheBytes: number | null, perDoubling: number): number[] {
  const largest = Math.max(leastLargestBytes, 2 * memoryFromCaches * (lastCacheBytes ?? 0));
  const steps = Math.ceil(Math.log2(largest / smallestWorkingSetBytes) * perDoubling - 1e-9);
  return Array.from(
    { length: steps + 1 },
    (_, i) => 1024 * Math.round((smallestWorkingSetBytes * 2 ** (i / perDoubling)) / 1024),
  );
}
