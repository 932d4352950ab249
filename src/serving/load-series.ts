/**
 * What happens in a fleet over time, in at most 400 equal stretches whose width doubles when the run outgrows them, so that memory
 * stays as it is however long the run. Levels are kept as areas (level × seconds), so that merged neighbours are sums.
 */

export interface SeriesPoint {
  /** End of the stretch that the figures are of; it begins at the point before, the first one at 0. */
  readonly seconds: number;
  /** Means over the stretch: requests that wait, those in the engine, share of the room for caches that is taken. */
  readonly waiting: number;
  readonly running: number;
  readonly cacheShare: number;
  /** Output tokens, a second. */
  readonly tokensPerSecond: number;
  /** Pre-emptions in the stretch. */
  readonly preempted: number;
}

export type SeriesColumn = "waiting" | "running" | "cache" | "tokens" | "preempted";

const mostPoints = 400;
/** Width at the beginning; a power of two, so that edges are exact. */
const firstWidthSeconds = 2 ** -10;

export class LoadSeries {
  private widthSeconds = firstWidthSeconds;
  private readonly sums: Readonly<Record<SeriesColumn, Float64Array>> = {
    waiting: new Float64Array(mostPoints),
    running: new Float64Array(mostPoints),
    cache: new Float64Array(mostPoints),
    tokens: new Float64Array(mostPoints),
    preempted: new Float64Array(mostPoints),
  };

  /** Adds an amount at one moment. */
  addAt(column: SeriesColumn, seconds: number, amount: number): void {
    this.reach(seconds);
    const sums = this.sums[column];
    // An edge belongs to the stretch that it ends.
    const place = Math.max(0, Math.ceil(seconds / this.widthSeconds) - 1);
    sums[place] = (sums[place] as number) + amount;
  }

  /** Adds an amount spread evenly from one moment to another. */
  addOver(column: SeriesColumn, from: number, to: number, amount: number): void {
    if (amount === 0) return;
    this.reach(to);
    const sums = this.sums[column];
    const width = this.widthSeconds;
    const first = Math.floor(from / width);
    const last = Math.floor(to / width);
    if (first === last) {
      sums[first] = (sums[first] as number) + amount;
      return;
    }
    const rate = amount / (to - from);
    for (let place = first; place <= last; place++) {
      const seconds = Math.min(to, (place + 1) * width) - Math.max(from, place * width);
      sums[place] = (sums[place] as number) + rate * seconds;
    }
  }

  /** The points of a run of so many seconds; none for a run of no length. */
  points(durationSeconds: number): SeriesPoint[] {
    const points: SeriesPoint[] = [];
    for (let place = 0; place < mostPoints; place++) {
      const from = place * this.widthSeconds;
      if (from >= durationSeconds) break;
      const end = Math.min(durationSeconds, from + this.widthSeconds);
      const sum = (column: SeriesColumn): number => this.sums[column][place] as number;
      points.push({
        seconds: end,
        waiting: sum("waiting") / (end - from),
        running: sum("running") / (end - from),
        cacheShare: sum("cache") / (end - from),
        tokensPerSecond: sum("tokens") / (end - from),
        preempted: sum("preempted"),
      });
    }
    return points;
  }

  private reach(seconds: number): void {
    while (seconds >= mostPoints * this.widthSeconds) {
      this.widthSeconds *= 2;
      for (const sums of Object.values(this.sums)) {
        for (let i = 0; i < mostPoints / 2; i++) sums[i] = (sums[2 * i] as number) + (sums[2 * i + 1] as number);
        sums.fill(0, mostPoints / 2);
      }
    }
  }
}
