/** A clock as it is handed in: seconds that never run backwards, and the least step it was seen to take. */

export interface Clock {
  /** What the clock tells apart, or what reading it takes where that is more. */
  readonly resolutionSeconds: number;
  /** Seconds since any moment. */
  nowSeconds(): number;
  /** Leaves the processor to others for about so long. */
  pause(seconds: number): Promise<void>;
}

/** Steps that are looked at: an odd number, so that the median is one of them. */
const stepsSeen = 31;
/** Reading is slow until it is compiled: what the first readings show does not count. */
const firstReadings = 1000;
/** A clock that shows the same time for so many readings stands still. */
const mostReadings = 20_000_000;

/**
 * A clock with its resolution measured: the median of the steps between readings that differ. Being interrupted makes a
 * step longer and is left out by the median.
 * @throws RangeError where the clock stands still
 * @example a clock that ticks each 15.6 ms has a resolution of 0.0156
 */
export function clockOf(nowSeconds: () => number, pause: Clock["pause"]): Clock {
  const steps: number[] = [];
  let last = nowSeconds();
  for (let readings = 0; steps.length < stepsSeen; readings++) {
    if (readings > mostReadings) throw new RangeError("the clock stands still");
    const now = nowSeconds();
    if (now > last && readings >= firstReadings) steps.push(now - last);
    last = now;
  }
  steps.sort((a, b) => a - b);
  return { resolutionSeconds: steps[stepsSeen >> 1] as number, nowSeconds, pause };
}
