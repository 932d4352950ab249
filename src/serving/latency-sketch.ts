/**
 * Percentiles of times in memory that does not grow with their number: counts in bins of equal ratio.
 *   bin of x: ⌈ln x / ln γ⌉, γ = (1 + α) / (1 − α); its middle 2 γ^bin / (γ + 1) is within α of all that it holds; α = 0.005
 * Times of 1 ns and less share the lowest bin, those above 30 years the highest. Mean, least and most are exact.
 * Source: Masson, Rim and Lee 2019, DDSketch, section 2.
 */

/** α: how far a percentile is off at most, as a share of itself. */
const accuracy = 0.005;
const logRatio = Math.log((1 + accuracy) / (1 - accuracy));
const lowest = Math.ceil(Math.log(1e-9) / logRatio);
const highest = Math.ceil(Math.log(1e9) / logRatio);

export interface LatencyDistribution {
  /** Times that it is of; where there are none, all figures are 0. */
  readonly count: number;
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
  /** The least time that at least this share of them does not exceed (nearest rank), within half a per cent of itself. */
  quantile(share: number): number;
  /** Share of them that are at most so long; of the bin that the limit falls into, by its place there. */
  shareWithin(seconds: number): number;
}

export class LatencySketch {
  private readonly bins: Float64Array = new Float64Array(highest - lowest + 1);
  private count = 0;
  private sum = 0;
  private least = Number.POSITIVE_INFINITY;
  private most = 0;

  add(seconds: number): void {
    const bin = binOf(seconds);
    this.bins[bin] = (this.bins[bin] as number) + 1;
    this.count++;
    this.sum += seconds;
    if (seconds < this.least) this.least = seconds;
    if (seconds > this.most) this.most = seconds;
  }

  distribution(): LatencyDistribution {
    const quantile = (share: number): number => this.quantile(share);
    return {
      count: this.count,
      mean: this.count === 0 ? 0 : this.sum / this.count,
      p50: quantile(0.5),
      p90: quantile(0.9),
      p95: quantile(0.95),
      p99: quantile(0.99),
      max: this.most,
      quantile,
      shareWithin: (seconds) => this.shareWithin(seconds),
    };
  }

  private quantile(share: number): number {
    if (this.count === 0) return 0;
    const rank = Math.min(this.count, Math.max(1, Math.ceil(share * this.count)));
    if (rank === this.count) return this.most;
    if (rank === 1) return this.least;
    let below = 0;
    let bin = -1;
    while (below < rank) below += this.bins[++bin] as number;
    // The lowest bin is of times that are nothing.
    if (bin === 0) return this.least;
    const middle = (2 * Math.exp(logRatio * (bin + lowest))) / (1 + Math.exp(logRatio));
    return Math.min(this.most, Math.max(this.least, middle));
  }

  private shareWithin(seconds: number): number {
    if (this.count === 0 || seconds < this.least) return 0;
    if (seconds >= this.most) return 1;
    const last = binOf(seconds);
    let below = 0;
    for (let bin = 0; bin < last; bin++) below += this.bins[bin] as number;
    const from = Math.max(this.least, Math.exp(logRatio * (last + lowest - 1)));
    const to = Math.min(this.most, Math.exp(logRatio * (last + lowest)));
    const part = to > from ? Math.min(1, Math.max(0, (seconds - from) / (to - from))) : 1;
    return (below + part * (this.bins[last] as number)) / this.count;
  }
}

function binOf(seconds: number): number {
  if (!(seconds > 1e-9)) return 0;
  return Math.min(highest, Math.ceil(Math.log(seconds) / logRatio)) - lowest;
}
