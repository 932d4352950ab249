/** What a trace says of its workload: rate, peaks, burstiness, lengths. */
import type { LengthDistribution } from "./length-distribution.ts";
import type { RequestTrace } from "./request-trace.ts";

export interface TraceStatistics {
  readonly count: number;
  /** From the first request to the last. */
  readonly spanSeconds: number;
  /** (count − 1) / span; null where all came at once. */
  readonly requestsPerSecond: number | null;
  readonly input: LengthDistribution;
  readonly output: LengthDistribution;
  /** Standard deviation of the gaps over their mean: 1 for Poisson arrivals; null for fewer than two gaps or no span. */
  readonly burstiness: number | null;
  /** Of the second, and of the minute, with most arrivals, wherever they begin; null where the trace is shorter. */
  readonly peakRequestsPerSecond: { readonly inOneSecond: number | null; readonly inOneMinute: number | null };
  /** Pearson's, of input and output; null where either never changes. */
  readonly lengthCorrelation: number | null;
}

/** @example arrivals at 0, 1 and 3 s: 2/3 a second; gaps 1 and 2, so their cv is 0.5 / 1.5 */
export function traceStatistics(trace: RequestTrace): TraceStatistics {
  const { arrivalSeconds: arrivals, inputTokens, outputTokens } = trace;
  const gaps = Math.max(0, arrivals.length - 1);
  const spanSeconds = gaps === 0 ? 0 : arrivals[gaps]! - arrivals[0]!;
  const meanGap = spanSeconds / gaps;
  let squares = 0;
  for (let i = 1; i <= gaps; i++) squares += (arrivals[i]! - arrivals[i - 1]! - meanGap) ** 2;
  return {
    count: arrivals.length,
    spanSeconds,
    requestsPerSecond: spanSeconds > 0 ? gaps / spanSeconds : null,
    input: empiricalLengths(inputTokens),
    output: empiricalLengths(outputTokens),
    burstiness: spanSeconds > 0 && gaps > 1 ? Math.sqrt(squares / gaps) / meanGap : null,
    peakRequestsPerSecond: {
      inOneSecond: peakRate(arrivals, spanSeconds, 1),
      inOneMinute: peakRate(arrivals, spanSeconds, 60),
    },
    lengthCorrelation: correlation(inputTokens, outputTokens),
  };
}

/**
 * The lengths as they are: the quantile of a share is the smallest length that at least the share of them does not exceed (the
 * nearest rank), mean and mean square are the sample's.
 * @param tokens one at least; copied
 */
export function empiricalLengths(tokens: Uint32Array): LengthDistribution {
  const sorted = tokens.slice().sort();
  const count = sorted.length;
  let sum = 0;
  let squares = 0;
  for (const length of sorted) {
    sum += length;
    squares += length * length;
  }
  const [smallest, largest] = [sorted[0]!, sorted[count - 1]!];
  return {
    text: `${count} recorded lengths, mean ${Number((sum / count).toPrecision(4))}, at most ${largest}`,
    mean: sum / count,
    meanSquare: squares / count,
    smallest,
    largest,
    isFixed: smallest === largest,
    quantile: (share) => sorted[Math.min(count, Math.max(1, Math.ceil(share * count))) - 1]!,
  };
}

/** Arrivals a second in the half-open window [t, t + seconds) that has most of them. */
function peakRate(arrivals: Float64Array, spanSeconds: number, seconds: number): number | null {
  if (spanSeconds < seconds) return null;
  let most = 0;
  let first = 0;
  for (let i = 0; i < arrivals.length; i++) {
    while (arrivals[i]! - arrivals[first]! >= seconds) first += 1;
    most = Math.max(most, i - first + 1);
  }
  return most / seconds;
}

function correlation(x: Uint32Array, y: Uint32Array): number | null {
  const meanX = meanOf(x);
  const meanY = meanOf(y);
  let xx = 0;
  let yy = 0;
  let xy = 0;
  for (let i = 0; i < x.length; i++) {
    xx += (x[i]! - meanX) ** 2;
    yy += (y[i]! - meanY) ** 2;
    xy += (x[i]! - meanX) * (y[i]! - meanY);
  }
  return xx > 0 && yy > 0 ? xy / Math.sqrt(xx * yy) : null;
}

function meanOf(values: Uint32Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}
