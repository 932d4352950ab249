/** How errors change with the bytes that a call moves: the median and the 90th percentile of each decade. */
import { median, nearestRank } from "../../quantity/sample-statistics.ts";
import type { HeldOutRow } from "./held-out-rows.ts";

export interface SizeErrors {
  /** Bytes from this to ten times as many. */
  readonly fromBytes: number;
  readonly rows: number;
  /** Of the errors without their signs, in per cent of the measured time. */
  readonly medianPercent: number;
  readonly percentile90: number;
}

/** Decades of fewer rows say little of a percentile. */
const fewest = 20;

/**
 * Decades of at least 20 rows, the smallest first.
 * @example 20 rows of 5 MB, 1 % to 20 % off: from 1 MB, median 10.5 %, 90th percentile 18 %
 */
export function errorBySize(rows: readonly HeldOutRow[]): SizeErrors[] {
  const decades = new Map<number, number[]>();
  for (const { bytes, seconds, predictedSeconds } of rows) {
    const decade = Math.floor(Math.log10(bytes));
    const sizes = decades.get(decade) ?? [];
    sizes.push(100 * Math.abs(predictedSeconds / seconds - 1));
    decades.set(decade, sizes);
  }
  return [...decades]
    .filter(([, sizes]) => sizes.length >= fewest)
    .sort(([a], [b]) => a - b)
    .map(([decade, sizes]) => ({
      fromBytes: Number(`1e${decade}`),
      rows: sizes.length,
      medianPercent: median(sizes),
      percentile90: nearestRank(sizes, 0.9),
    }));
}
