/**
 * How far predictions are from measurements, in per cent of the measured time.
 *   error = 100 (predicted − measured) / measured      bias = median of the errors
 *   median, mean and maximum are of the errors without their signs
 * The median of an even number of values is the mean of the two in the middle.
 */
import { median, nearestRank } from "../quantity/sample-statistics.ts";

export interface ErrorStatistics {
  readonly rows: number;
  readonly medianAbsolutePercentageError: number;
  readonly meanAbsolutePercentageError: number;
  /** The ⌈0.95 n⌉th smallest. */
  readonly p95AbsolutePercentageError: number;
  readonly maxAbsolutePercentageError: number;
  readonly bias: number;
  /** Share of the rows whose error is at most 10 % either way, in per cent. */
  readonly within10Percent: number;
  /** Share of the rows whose measured time lies in the prediction interval; only where each has one. */
  readonly coverage90?: number;
  /** Median of half the interval's width, in per cent of the measured time. */
  readonly medianIntervalHalfWidth?: number;
}

/** A prediction beside its measurement. */
export interface ErrorSample {
  readonly measuredSeconds: number;
  readonly predictedSeconds: number;
  readonly interval: { readonly low: number; readonly high: number } | null;
}

/** 100 (predicted − measured) / measured; measured is above zero. */
export function percentageError(sample: Pick<ErrorSample, "measuredSeconds" | "predictedSeconds">): number {
  return (100 * (sample.predictedSeconds - sample.measuredSeconds)) / sample.measuredSeconds;
}

/**
 * @throws RangeError for no samples
 * @example measured 10 and 20, predicted 9 and 30: errors −10 % and 50 %, median and mean 30, maximum 50, bias 20, within 50 %
 */
export function errorStatistics(samples: readonly ErrorSample[]): ErrorStatistics {
  const errors = samples.map(percentageError);
  const sizes = errors.map(Math.abs);
  // 10 % to the last digit of a table counts as within.
  const within = sizes.filter((size) => size <= 10 + 1e-9).length;
  const statistics = {
    rows: samples.length,
    medianAbsolutePercentageError: median(sizes),
    meanAbsolutePercentageError: sizes.reduce((sum, size) => sum + size, 0) / sizes.length,
    p95AbsolutePercentageError: nearestRank(sizes, 0.95),
    maxAbsolutePercentageError: sizes.reduce((most, size) => Math.max(most, size), 0),
    bias: median(errors),
    within10Percent: (100 * within) / sizes.length,
  };
  const intervals = samples.flatMap(({ interval, measuredSeconds }) =>
    interval === null ? [] : [{ ...interval, measuredSeconds }],
  );
  if (intervals.length < samples.length) return statistics;
  const covered = intervals.filter((each) => each.low <= each.measuredSeconds && each.measuredSeconds <= each.high);
  return {
    ...statistics,
    coverage90: (100 * covered.length) / intervals.length,
    medianIntervalHalfWidth: median(intervals.map((each) => (50 * (each.high - each.low)) / each.measuredSeconds)),
  };
}
