/** Prediction intervals as text. */
import { formatSeconds } from "../quantity/format-quantity.ts";

export interface TimeInterval {
  readonly low: number;
  readonly high: number;
  readonly level: number;
}

/** @example ", 90 %: 6.33 ms to 6.71 ms"; nothing without an interval */
export function intervalText(interval: TimeInterval | null): string {
  if (interval === null) return "";
  const { low, high, level } = interval;
  return `, ${Math.round(100 * level)} %: ${formatSeconds(low)} to ${formatSeconds(high)}`;
}

/** Half the interval's width in per cent of the time. @example " ± 2.9 %"; nothing without an interval */
export function halfWidthText(seconds: number, interval: TimeInterval | null): string {
  if (interval === null) return "";
  return ` ± ${((50 * (interval.high - interval.low)) / seconds).toPrecision(2)} %`;
}
