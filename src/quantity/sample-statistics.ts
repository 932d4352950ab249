/**
 * What a sample says of the distribution it comes from, without assuming its shape.
 *   median   the middle value; of an even number the mean of the two in the middle
 *   MAD      median of |x − median|, not scaled
 *   interval of the median: (x₍k₎, x₍n+1−k₎) of the sorted sample holds the median with probability
 *            1 − 2 P(Bin(n, ½) ≤ k − 1), whatever the distribution; k is the largest that keeps the level asked for
 *            of n samples that are worth m independent ones, k is that of m, and the rank as far into the sample: (k − ½) n / m + ½
 * Source of the interval: David and Nagaraja, Order Statistics, 3rd ed. 2003, section 7.1.
 */

/** The middle value; of an even number the mean of the two in the middle. @throws RangeError for none */
export function median(values: readonly number[]): number {
  return middleOf(Float64Array.from(values).sort());
}

/** The smallest value that at least the share of them does not exceed: the nearest rank. @example of 1 … 20 at 0.9: 18 */
export function nearestRank(values: readonly number[], share: number): number {
  return Float64Array.from(values).sort()[Math.ceil(share * values.length) - 1]!;
}

/** Median absolute deviation around the median. @throws RangeError for no values */
export function medianAbsoluteDeviation(values: readonly number[]): number {
  const middle = median(values);
  return median(values.map((value) => Math.abs(value - middle)));
}

export interface MedianInterval {
  readonly low: number;
  readonly high: number;
  /** The probability with which it holds the median; below the one asked for where there are too few values. */
  readonly level: number;
}

/**
 * The confidence interval of the median. Fewer than 6 values reach no 95 %: it is then from the least to the largest.
 * @param independent how many independent values they are worth; as many as they are unless given, at least 1
 * @throws RangeError for no values
 * @example of 1 … 9 at 0.95: k is 2 since 2 (1 + 9) / 512 = 0.039, so 2 to 8 with level 0.961
 */
export function medianInterval(
  values: readonly number[],
  level = 0.95,
  independent: number = values.length,
): MedianInterval {
  const sorted = Float64Array.from(values).sort();
  if (sorted.length === 0) throw new RangeError("the median of no values");
  const n = Math.min(sorted.length, Math.max(1, Math.floor(independent)));
  let k = 0;
  let outside = 0;
  // Logarithms, since ½ⁿ is zero in a double from n = 1075 on.
  let logProbability = -n * Math.LN2;
  for (let i = 0; 2 * (i + 1) <= n; i++) {
    const next = outside + 2 * Math.exp(logProbability);
    if (k > 0 && next > 1 - level) break;
    k = i + 1;
    outside = next;
    logProbability += Math.log((n - i) / (i + 1));
  }
  // One value is no interval, nor are many that tell as little as one: no rank keeps any level.
  if (k === 0) return { low: sorted[0] as number, high: sorted.at(-1) as number, level: 0 };
  const rank = k === 1 && outside > 1 - level ? 1 : Math.floor(((k - 0.5) * sorted.length) / n + 0.5);
  return { low: sorted[rank - 1] as number, high: sorted[sorted.length - rank] as number, level: 1 - outside };
}

function middleOf(sorted: Float64Array): number {
  const middle = sorted.length >> 1;
  const upper = sorted[middle];
  if (upper === undefined) throw new RangeError("the median of no values");
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}
