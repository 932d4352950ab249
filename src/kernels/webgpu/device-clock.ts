/**
 * Seconds by the device's own timestamps. They may be coarse: a browser rounds them to 100 µs. Timestamps of passes that do
 * nothing show it: the least difference between two that differ is at least the clock's step, and an interval must have
 * many of it.
 */

/** Steps of the clock that an interval must have to be told within 2 %. */
const leastSteps = 50;

/** The least positive difference between neighbours in time, in nanoseconds; infinite where all are equal. */
export function clockStep(timestamps: readonly bigint[]): number {
  const sorted = [...timestamps].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const differences = sorted.slice(1).map((at, i) => Number(at - (sorted[i] as bigint)));
  return differences.reduce((least, d) => (d > 0 ? Math.min(least, d) : least), Number.POSITIVE_INFINITY);
}

/** Seconds between two timestamps in nanoseconds; null where the clock's step is too long to tell, or it went backwards. */
export function resolvedSeconds(begin: bigint, end: bigint, stepNanoseconds: number): number | null {
  const nanoseconds = Number(end - begin);
  return nanoseconds > 0 && nanoseconds >= leastSteps * stepNanoseconds ? nanoseconds / 1e9 : null;
}
