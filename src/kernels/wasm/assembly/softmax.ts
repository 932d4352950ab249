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

/** One step for four queries, a lane each. */
export function softmaxOfFour(
  scores: usize,
  count: i32,
  stride: usize,
  four: i32,
  maxima: usize,
  totals: usize,
  outputs: usize,
  length: i32,
): void {
  const offset = <usize>four << 4;
  const before = v128.load(maxima + offset);
  let top = before;
  const end = scores + offset + <usize>count * stride;
  for (let at = scores + offset; at < end; at += stride) top = f32x4.pmax(top, v128.load(at));
  let sum = f32x4.splat(0);
  for (let at = scores + offset; at < end; at += stride) {
    const e = powerOfTwo(f32x4.sub(v128.load(at), top));
    v128.store(at, e);
    sum = f32x4.add(sum, e);
  }
  if (v128.any_true(f32x4.gt(top, before))) {
    const rescale = powerOfTwo(f32x4.sub(before, top));
    const width = <usize>length << 2;
    const at = outputs + <usize>(4 * four) * width;
    multiplyAll(at, length, f32x4.extract_lane(rescale, 0));
    multiplyAll(at + width, length, f32x4.extract_lane(rescale, 1));
    multiplyAll(at + 2 * width, length, f32x4.extract_lane(rescale, 2));
    multiplyAll(at + 3 * width, length, f32x4.extract_lane(rescale, 3));
    v128.store(totals + offset, f32x4.mul(v128.load(totals + offset), rescale));
    v128.store(maxima + offset, top);
  }
  v128.store(totals + offset, f32x4.add(v128.load(totals + offset), sum));
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
