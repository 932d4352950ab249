/** Steps of the online softmax that both ways of attention share; logits are in units of log 2. */
import { largestLane, powerOfTwo, sumOfLanes } from "./vector";

/** Below every logit: what a maximum starts from, and what a row that is not seen counts as. */
export const lowest: f32 = -3.0e38;

/** The largest of `count` scores; those up to the next multiple of four are made the lowest. */
export function largestOf(scores: usize, count: i32): f32 {
  for (let i = count; i < ((count + 3) & ~3); i++) store<f32>(scores + (<usize>i << 2), lowest);
  let top = f32x4.splat(lowest);
  for (let i = 0; i < count; i += 4) top = f32x4.pmax(top, v128.load(scores + (<usize>i << 2)));
  return largestLane(top);
}

/** Scores become powers of two of score − maximum; answers their sum. */
export function exponentials(scores: usize, count: i32, maximum: f32): f32 {
  const top = f32x4.splat(maximum);
  let sum = f32x4.splat(0);
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    const at = scores + (<usize>i << 2);
    const e = powerOfTwo(f32x4.sub(v128.load(at), top));
    v128.store(at, e);
    sum = f32x4.add(sum, e);
  }
  let total = sumOfLanes(sum);
  for (; i < count; i++) {
    const at = scores + (<usize>i << 2);
    const e = f32x4.extract_lane(powerOfTwo(f32x4.splat(load<f32>(at) - maximum)), 0);
    store<f32>(at, e);
    total += e;
  }
  return total;
}

/** One step for four queries, a lane each; `scores` are [row][4]. */
export function softmaxOfFour(
  scores: usize,
  count: i32,
  four: i32,
  maxima: usize,
  totals: usize,
  outputs: usize,
  length: i32,
): void {
  const offset = <usize>four << 4;
  const before = v128.load(maxima + offset);
  const end = scores + (<usize>count << 4);
  const last = scores + (<usize>(count & ~3) << 4);
  let top = before;
  let other = before;
  let at = scores;
  for (; at < last; at += 64) {
    top = f32x4.pmax(top, f32x4.pmax(v128.load(at), v128.load(at, 16)));
    other = f32x4.pmax(other, f32x4.pmax(v128.load(at, 32), v128.load(at, 48)));
  }
  for (; at < end; at += 16) top = f32x4.pmax(top, v128.load(at));
  top = f32x4.pmax(top, other);
  let sum = f32x4.splat(0);
  for (let at = scores; at < end; at += 16) {
    const e = powerOfTwo(f32x4.sub(v128.load(at), top));
    v128.store(at, e);
    sum = f32x4.add(sum, e);
  }
  if (v128.any_true(f32x4.gt(top, before))) {
    const rescale = powerOfTwo(f32x4.sub(before, top));
    multiplyFour(outputs + <usize>four * (<usize>length << 4), length, rescale);
    v128.store(totals + offset, f32x4.mul(v128.load(totals + offset), rescale));
    v128.store(maxima + offset, top);
  }
  v128.store(totals + offset, f32x4.add(v128.load(totals + offset), sum));
}

/** Sums of four queries, [length / 8][4][8] (fours.ts), each query's times its lane. */
function multiplyFour(at: usize, length: i32, factors: v128): void {
  const f0 = f32x4.splat(f32x4.extract_lane(factors, 0));
  const f1 = f32x4.splat(f32x4.extract_lane(factors, 1));
  const f2 = f32x4.splat(f32x4.extract_lane(factors, 2));
  const f3 = f32x4.splat(f32x4.extract_lane(factors, 3));
  for (const end = at + (<usize>length << 4); at < end; at += 128) {
    multiplyPair(at, f0);
    multiplyPair(at + 32, f1);
    multiplyPair(at + 64, f2);
    multiplyPair(at + 96, f3);
  }
}

// @ts-ignore: decorator
@inline
function multiplyPair(at: usize, factor: v128): void {
  v128.store(at, f32x4.mul(v128.load(at), factor));
  v128.store(at, f32x4.mul(v128.load(at, 16), factor), 16);
}

export function multiplyAll(at: usize, length: i32, factor: f32): void {
  const f = f32x4.splat(factor);
  const end = at + (<usize>length << 2);
  for (; at < end; at += 16) v128.store(at, f32x4.mul(v128.load(at), f));
}

/** A row that a query does not see counts as a logit too low to matter; what it adds before a seen row is rescaled away. */
export function hideUnseen(scores: usize, count: i32, firstRow: i32, stride: usize, range: usize): void {
  const from = load<i32>(range);
  const to = load<i32>(range, 4);
  for (let i = 0; i < count; i++) {
    const row = firstRow + i;
    if (row < from || row >= to) store<f32>(scores + <usize>i * stride, lowest);
  }
}
