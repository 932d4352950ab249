/** Rates of requests as people type them: "8/s", "500/min", "2/h"; a number without a unit is a second's. */
import { InvalidInput } from "../quantity/invalid-input.ts";
import { typedNumber } from "../quantity/typed-number.ts";

const unitSeconds: Readonly<Record<string, number>> = { s: 1, sec: 1, min: 60, h: 3600, d: 86_400, day: 86_400 };

/** A number, "requests" or "req" if one likes, and what it is counted over. */
const rateText = /^\s*([^\s/a-df-z]+)\s*(?:req(?:uests?)?)?\s*(?:\/\s*([a-z]+))?\s*$/;

/** Requests a second that a plan is made for: fleets beyond it would have more devices than were ever made. */
const mostPerSecond = 1e9;

/**
 * Requests a second, above 0 and at most 10^9.
 * @throws InvalidInput naming the field
 * @example parseRate("rate", "500/min") is 8.333, parseRate("rate", "8") is 8
 */
export function parseRate(field: string, text: number | string): number {
  const [, number = "", unit = "s"] = rateText.exec(String(text)) ?? [];
  const rate = typedNumber(number) / (Object.hasOwn(unitSeconds, unit) ? unitSeconds[unit]! : Number.NaN);
  if (rate > 0 && rate <= mostPerSecond) return rate;
  if (rate > mostPerSecond && Number.isFinite(rate))
    throw new InvalidInput(field, text, "wants at most 1e9 requests/s");
  throw new InvalidInput(field, text, 'wants a rate above 0 such as "8/s", "500/min" or "2/h"');
}
