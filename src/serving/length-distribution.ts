/**
 * How long prompts and answers are, in tokens: the distribution that requests are drawn from and that a plan averages over.
 *   X       the length as the distribution has it     Y = min(max(X, 1), largest)   what is drawn, before it is rounded to whole tokens
 * mean is E[Y] and meanSquare E[Y²], in closed form. The draw rounds to the nearest token, which moves the mean by about a
 * hundredth of a token where lengths spread over a few tokens, and by less where over many.
 *   lognormal of mean m and deviation d:  σ² = ln(1 + d²/m²), μ = ln m − σ²/2,  E[Xᵏ; X < x] = e^(kμ + k²σ²/2) Φ((ln x − μ)/σ − kσ)
 *   exponential of mean m:                P(X > x) = e^(−x/m)
 *   quantiles:                            straight lines between them, so each piece of share w from a to b adds w (a + b)/2 and
 *                                         w (a² + ab + b²)/3
 * Where no largest length is given, that of share 1 − 2⁻³³ is: the generator's numbers have 32 bits, so none beyond it is ever drawn.
 */
import { InvalidInput } from "../quantity/invalid-input.ts";
import { normalQuantile, normalShareBelow } from "../quantity/normal-distribution.ts";

export interface LengthDistribution {
  /** "1000 tokens", "lognormal, mean 1155, deviation 1109". */
  readonly text: string;
  readonly mean: number;
  /** Mean of the squares. */
  readonly meanSquare: number;
  readonly smallest: number;
  readonly largest: number;
  /** Whether all lengths are equal. */
  readonly isFixed: boolean;
  /** The length that the share of all lengths does not exceed, 0 < share < 1; not rounded, at least 1. */
  quantile(share: number): number;
}

/** Tokens; no context comes near it. */
const longest = 1e9;
const lastShare = 1 - 2 ** -33;

/** @throws InvalidInput unless a whole number of 1 to 1e9 tokens */
export function fixedLength(tokens: number, field = "length"): LengthDistribution {
  checkLength(field, tokens);
  if (!Number.isInteger(tokens)) throw new InvalidInput(field, tokens, "wants a whole number of tokens");
  return {
    text: tokens === 1 ? "1 token" : `${tokens} tokens`,
    mean: tokens,
    meanSquare: tokens * tokens,
    smallest: tokens,
    largest: tokens,
    isFixed: true,
    quantile: () => tokens,
  };
}

/**
 * All lengths between the two equally likely.
 * @throws InvalidInput for a length below 1, and where `to` is the smaller
 * @example 100 to 300: mean 200, mean square (100² + 100 · 300 + 300²)/3 = 43_333
 */
export function uniformLengths(from: number, to: number, field = "length"): LengthDistribution {
  checkLength(`${field}.from`, from);
  checkLength(`${field}.to`, to);
  if (to < from) throw new InvalidInput(`${field}.to`, to, `wants at least from, ${from}`);
  return piecewise(`uniform, ${from} to ${to} tokens`, [
    [0, from],
    [1, to],
  ]);
}

/**
 * Lognormal; mean and deviation are the lengths' own, not their logarithms'.
 * @param largest longer ones have this length
 * @throws InvalidInput for a mean below 1, a deviation of 0 or over 100 means, a largest below 1
 */
export function lognormalLengths(
  { mean, deviation, largest }: { readonly mean: number; readonly deviation: number; readonly largest?: number },
  field = "length",
): LengthDistribution {
  checkLength(`${field}.mean`, mean);
  if (!(deviation > 0 && deviation <= 100 * mean)) {
    throw new InvalidInput(`${field}.deviation`, deviation, "wants a number above 0, at most 100 times the mean");
  }
  const variance = Math.log1p((deviation / mean) ** 2);
  const sigma = Math.sqrt(variance);
  const mu = Math.log(mean) - variance / 2;
  const lengthAt = (share: number): number => Math.exp(mu + sigma * normalQuantile(share));
  const below = (power: number, length: number): number =>
    Math.exp(power * mu + (power ** 2 * variance) / 2) *
    normalShareBelow((Math.log(length) - mu) / sigma - power * sigma);
  return cut(`lognormal, mean ${mean}, deviation ${deviation}`, lengthAt, largest, field, (last, power) => {
    const beyond = normalShareBelow((mu - Math.log(last)) / sigma);
    return below(0, 1) + below(power, last) - below(power, 1) + last ** power * beyond;
  });
}

/** Exponential; see lognormalLengths. @throws InvalidInput for a mean or a largest below 1 */
export function exponentialLengths(
  { mean, largest }: { readonly mean: number; readonly largest?: number },
  field = "length",
): LengthDistribution {
  checkLength(`${field}.mean`, mean);
  const lengthAt = (share: number): number => -mean * Math.log1p(-share);
  const beyond = (length: number): number => Math.exp(-length / mean);
  return cut(`exponential, mean ${mean}`, lengthAt, largest, field, (last, power) =>
    power === 1
      ? 1 + mean * (beyond(1) - beyond(last))
      : 1 + 2 * mean * ((1 + mean) * beyond(1) - (last + mean) * beyond(last)),
  );
}

/** What is known of a distribution: lengths by the per cent of all that do not exceed them, "p50", "p99.9". */
export interface LengthQuantiles {
  readonly [percent: `p${number}`]: number;
  /** 1 where it is not given. */
  readonly min?: number;
  /** The last two quantiles' line continued where it is not given. */
  readonly max?: number;
}

/**
 * Straight lines between the quantiles.
 * @throws InvalidInput for a name other than p and a number between 0 and 100, min and max, for none, and for lengths that fall
 * @example p50 100, max 300: from 1 to 100 and from there to 300, so the mean is (1 + 100)/4 + (100 + 300)/4 = 125.25
 */
export function quantileLengths(quantiles: LengthQuantiles, field = "length"): LengthDistribution {
  const points: (readonly [number, number])[] = [];
  for (const [name, length] of Object.entries(quantiles) as [string, number][]) {
    checkLength(`${field}.${name}`, length);
    if (name === "min" || name === "max") continue;
    const percent = /^p\d+(\.\d+)?$/.test(name) ? Number(name.slice(1)) : 0;
    if (!(percent > 0 && percent < 100)) {
      throw new InvalidInput(`${field}.${name}`, length, 'wants names such as "p1", "p50", "p99.9", "min" and "max"');
    }
    points.push([percent / 100, length]);
  }
  points.sort((a, b) => a[0] - b[0]);
  const [last, beforeLast = [0, quantiles.min ?? 1] as const] = points.toReversed();
  if (last === undefined) throw new InvalidInput(field, quantiles, 'wants one quantile at least, such as "p50"');
  const slope = (last[1] - beforeLast[1]) / (last[0] - beforeLast[0]);
  const max = quantiles.max ?? Math.min(longest, last[1] + slope * (1 - last[0]));
  const all = [[0, quantiles.min ?? 1] as const, ...points, [1, max] as const];
  for (const [i, [, length]] of all.entries()) {
    const before = all[i - 1]?.[1] ?? length;
    if (length < before)
      throw new InvalidInput(field, length, `lengths must not fall from one quantile to the next, here from ${before}`);
    if (i > 0 && all[i - 1]?.[0] === all[i]?.[0]) throw new InvalidInput(field, length, "wants each quantile once");
  }
  const names = points.map(([share, length]) => `p${Number((100 * share).toPrecision(12))} ${length}`);
  return piecewise(`quantiles ${names.join(", ")}, at most ${Number(max.toPrecision(6))}`, all);
}

/** Points from share 0 to share 1. */
function piecewise(text: string, points: readonly (readonly [number, number])[]): LengthDistribution {
  let mean = 0;
  let meanSquare = 0;
  for (let i = 1; i < points.length; i++) {
    const [from, a] = points[i - 1]!;
    const [to, b] = points[i]!;
    mean += ((to - from) * (a + b)) / 2;
    meanSquare += ((to - from) * (a * a + a * b + b * b)) / 3;
  }
  const smallest = points[0]![1];
  const largest = points.at(-1)![1];
  const quantile = (share: number): number => {
    let i = 1;
    while (i < points.length - 1 && points[i]![0] < share) i += 1;
    const [from, a] = points[i - 1]!;
    const [to, b] = points[i]!;
    return a + ((b - a) * (share - from)) / (to - from);
  };
  return { text, mean, meanSquare, smallest, largest, isFixed: smallest === largest, quantile };
}

/** @param moment E[Yᵏ] of the lengths cut at a largest one */
function cut(
  text: string,
  lengthAt: (share: number) => number,
  asked: number | undefined,
  field: string,
  moment: (largest: number, power: 1 | 2) => number,
): LengthDistribution {
  if (asked !== undefined) checkLength(`${field}.largest`, asked);
  const largest = asked ?? Math.min(longest, Math.max(1, lengthAt(lastShare)));
  return {
    text: asked === undefined ? text : `${text}, at most ${asked}`,
    mean: moment(largest, 1),
    meanSquare: moment(largest, 2),
    smallest: 1,
    largest,
    isFixed: largest === 1,
    quantile: (share) => Math.min(largest, Math.max(1, lengthAt(share))),
  };
}

function checkLength(field: string, tokens: number): void {
  if (!(tokens >= 1 && tokens <= longest)) {
    throw new InvalidInput(field, tokens, "wants at least 1 token, at most 1,000,000,000");
  }
}
