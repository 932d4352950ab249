/**
 * The first whole number from which a condition holds, given as a gap that is at least 0 where it holds.
 * Where the gap is a line between known kinks, each line is solved; where it is not, the flip is bracketed and bisected.
 * Either way the answer is settled on the gap itself: it is below 0 one before the answer and at least 0 at it.
 */

export type Gap = (value: number) => number;

export type CrossingMethod = "closed form" | "bisection";

export interface Flips {
  /** First value at which the condition holds; null where it never does. */
  readonly value: number | null;
  /** First value after `value` at which it no longer holds; null where it stays. */
  readonly until: number | null;
}

/** Beyond this no batch or context lies; a condition that first holds there counts as never holding. */
export const largestCrossing: number = 2 ** 42;

/** How far a line is followed to find its slope. */
const span = 2 ** 20;

/**
 * Flips of a gap that is a line between consecutive kinks, found by solving each line.
 * @param from the smallest value allowed
 * @param kinks where the slope may change, in any order, whole or not
 * @example from 1, no kinks, gap x − 41.5: value 42, until null
 */
export function affineFlips(gap: Gap, from: number, kinks: readonly number[]): Flips {
  const ends = segmentEnds(from, kinks);
  let value: number | null = gap(from) >= 0 ? from : null;
  for (let i = 0; i < ends.length; i++) {
    const low = ends[i]!;
    const flip = flipOnLine(gap, low, ends[i + 1] ?? null);
    if (flip === null) continue;
    if (value !== null) return { value, until: flip };
    value = flip;
  }
  return { value, until: null };
}

/**
 * Flips of any gap, bracketed by steps of an eighth and bisected. Each flip found is exact; one that is undone within such a
 * step is passed over, but for the fall after each stride.
 * @param stride the gap may fall back after every `stride` values (chunks); ends of strides stand at offset + n × stride
 */
export function bisectedFlips(gap: Gap, from: number, stride = 1, offset = 0): Flips {
  const value = gap(from) >= 0 ? from : firstBracketed((x) => gap(x) >= 0, from, stride, offset);
  if (value === null) return { value: null, until: null };
  return { value, until: bracketed((x) => gap(x) < 0, value, 1, 0) };
}

/** Looked for at the ends of strides, where a gap that grows with each stride is largest, and at all sizes between. */
function firstBracketed(holds: (x: number) => boolean, from: number, stride: number, offset: number): number | null {
  const everywhere = bracketed(holds, from, 1, 0);
  if (stride === 1) return everywhere;
  const atEnds = bracketed(holds, from, stride, offset);
  return atEnds === null ? everywhere : Math.min(atEnds, everywhere ?? atEnds);
}

/** Whole numbers such that the gap is a line between any two neighbours; around a kink they stand one apart. */
function segmentEnds(from: number, kinks: readonly number[]): number[] {
  const ends = new Set([from]);
  for (const kink of kinks) {
    const below = Math.floor(kink);
    if (below < from - 1 || below > largestCrossing) continue;
    for (let end = below - 1; end <= below + 2; end++) if (end > from) ends.add(end);
  }
  return [...ends].sort((a, b) => a - b);
}

/** Where the sign changes in (low, high]; high null follows the last line without end. */
function flipOnLine(gap: Gap, low: number, high: number | null): number | null {
  const atLow = gap(low);
  const far = high ?? low + span;
  const atFar = gap(far);
  const holds = atLow >= 0;
  if (high !== null && atFar >= 0 === holds) return null;
  if (high === null && (atFar === atLow || atFar > atLow === holds)) return null;
  const root = low + (far - low) * (atLow / (atLow - atFar));
  if (!(root <= largestCrossing)) return null;
  return settled(
    (x) => gap(x) >= 0 !== holds,
    Math.max(low + 1, Math.min(Math.ceil(root), high ?? largestCrossing)),
    low,
  );
}

/** The flip next to a guess: rounding may have put the guess a little aside. */
function settled(flipped: (x: number) => boolean, guess: number, low: number): number {
  let before = guess - 1;
  for (let step = 1; before > low && flipped(before); step *= 2) before = Math.max(low, before - step);
  let after = guess;
  for (let step = 1; !flipped(after); step *= 2) after += step;
  return bisect(flipped, before, after);
}

/** First value after `from` where `holds`, which it doesn't at `from`; null where it doesn't up to the largest. */
function bracketed(holds: (x: number) => boolean, from: number, stride: number, offset: number): number | null {
  const end = (n: number): number => offset + n * stride;
  const first = Math.max(0, Math.ceil((from + 1 - offset) / stride));
  const last = Math.floor((largestCrossing - offset) / stride);
  let before = first;
  for (let index = first; index <= last; index = next(index, last)) {
    if (!holds(end(index))) {
      before = index;
      continue;
    }
    if (index === first) return bisect(holds, from, end(first));
    const reached = bisect((n) => holds(end(n)), before, index);
    return bisect(holds, end(reached - 1), end(reached));
  }
  return null;
}

/** An eighth further, one at least; the last one is looked at as well. */
function next(index: number, last: number): number {
  const further = index + Math.max(1, Math.floor(index / 8));
  return further > last && index < last ? last : further;
}

/** The smallest x in (no, yes] where `holds`, given that it doesn't at `no` and does at `yes`. */
function bisect(holds: (x: number) => boolean, no: number, yes: number): number {
  let below = no;
  let at = yes;
  while (at - below > 1) {
    const middle = below + Math.floor((at - below) / 2);
    if (holds(middle)) at = middle;
    else below = middle;
  }
  return at;
}
