/**
 * Decode attention, a task a (sequence, K/V head, span of rows): o = Σ_j softmax_j(q·k_j) v_j by an online softmax over blocks
 * of rows. All queries that share the K/V head take part, so that each row is read from memory once. Logits are in units of
 * log 2 (the host scales queries), exponentials are powers of two of logit − running maximum, at most 1.
 *
 * Job words: 1 format, 2 length of a row, 3 queries a K/V head, 4 tasks, 5 their addresses, 6 scratch, 7 scratch bytes a thread,
 * 8 bytes a row, 9 pairs of sequence and K/V head, 10 their addresses.
 * A task: keys, values, key scales, value scales, rows, queries, partial, first row, visible ranges (0: all seen), own pair (0: others too).
 * A pair: first partial, its partials, bytes a partial, output, sinks (0: none).
 * A partial: maximum [P], sum [P], output [P, length], with P the queries rounded up to fours, 8 for one (a cache line).
 */
import { address, takeTask, word } from "./job";
import { addRows, dotRows } from "./row-products";
import { widenRows } from "./stored";
import { addRowsToSums, packByFours, productsOfRows } from "./tiles";
import { largestLane, powerOfTwo, sumOfLanes } from "./vector";

const rowsOfOne = 32;
const rowsOfMany = 32;
const lowest: f32 = -3.0e38;

export function attention(thread: i32): void {
  const tasks = word(4);
  const table = address(5);
  const scratch = address(6) + <usize>thread * address(7);
  for (let task = takeTask(); task < tasks; task = takeTask()) {
    const at = table + <usize>task * 64;
    const format = word(1);
    if (word(3) == 1) {
      if (format == 0) oneQuery<f32>(at, scratch);
      else if (format == 1) oneQuery<u16>(at, scratch);
      else oneQuery<i8>(at, scratch);
    } else {
      if (format == 0) manyQueries<f32>(at, scratch);
      else if (format == 1) manyQueries<u16>(at, scratch);
      else manyQueries<i8>(at, scratch);
    }
    const pair = load<usize>(at, 36);
    if (pair != 0) combine(pair);
  }
}

/** Pairs whose rows were split over tasks, once all tasks are done. */
export function combineSplit(): void {
  const table = address(10);
  for (let i = 0; i < word(9); i++) {
    const pair = table + <usize>i * 32;
    if (load<i32>(pair, 4) > 1) combine(pair);
  }
}

function oneQuery<T>(task: usize, scratch: usize): void {
  const length = word(2);
  const stride = address(8);
  const scores = scratch;
  const query = load<usize>(task, 20);
  const partial = load<usize>(task, 24);
  const output = partial + 64;
  const rows = load<i32>(task, 16);
  let keys = load<usize>(task);
  let values = load<usize>(task, 4);
  let keyScales = load<usize>(task, 8);
  let valueScales = load<usize>(task, 12);
  memory.fill(output, 0, <usize>length << 2);
  let maximum = lowest;
  let total: f32 = 0;
  for (let first = 0; first < rows; first += rowsOfOne) {
    const count = min(rowsOfOne, rows - first);
    dotRows<T>(keys, stride, count, length, query, keyScales, scores);
    for (let i = count; i < ((count + 3) & ~3); i++) store<f32>(scores + (<usize>i << 2), lowest);
    const block = largest(scores, count);
    if (block > maximum) {
      const rescale = f32x4.extract_lane(powerOfTwo(f32x4.splat(max(maximum - block, -200))), 0);
      if (total > 0) multiplyAll(output, length, rescale);
      total *= rescale;
      maximum = block;
    }
    total += exponentials(scores, count, maximum);
    if (sizeof<T>() == 1) scaleEach(scores, count, valueScales);
    addRows<T>(values, stride, count, length, scores, output);
    keys += <usize>count * stride;
    values += <usize>count * stride;
    keyScales += <usize>count << 2;
    valueScales += <usize>count << 2;
  }
  store<f32>(partial, maximum);
  store<f32>(partial, total, 32);
}

function largest(scores: usize, count: i32): f32 {
  let top = f32x4.splat(lowest);
  for (let i = 0; i < count; i += 4) top = f32x4.pmax(top, v128.load(scores + (<usize>i << 2)));
  return largestLane(top);
}

/** Scores become powers of two of score − maximum; answers their sum. */
function exponentials(scores: usize, count: i32, maximum: f32): f32 {
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

function scaleEach(scores: usize, count: i32, scales: usize): void {
  for (let i: usize = 0; i < <usize>count << 2; i += 4) {
    store<f32>(scores + i, load<f32>(scores + i) * load<f32>(scales + i));
  }
}

function multiplyAll(at: usize, length: i32, factor: f32): void {
  const f = f32x4.splat(factor);
  const end = at + (<usize>length << 2);
  for (; at < end; at += 16) v128.store(at, f32x4.mul(v128.load(at), f));
}

function manyQueries<T>(task: usize, scratch: usize): void {
  const length = word(2);
  const queries = word(3);
  const stride = address(8);
  const fours = (queries + 3) >> 2;
  const padded = fours << 2;
  const scoreStride = <usize>padded << 2;
  const packed = scratch;
  const scores = packed + (<usize>(padded * length) << 2);
  const block = scores + rowsOfMany * scoreStride;
  const partial = load<usize>(task, 24);
  const totals = partial + scoreStride;
  const outputs = totals + scoreStride;
  const rows = load<i32>(task, 16);
  const firstRow = load<i32>(task, 28);
  const ranges = load<usize>(task, 32);
  let keys = load<usize>(task);
  let values = load<usize>(task, 4);
  let keyScales = load<usize>(task, 8);
  let valueScales = load<usize>(task, 12);
  packByFours(load<usize>(task, 20), <usize>length << 2, queries, length, packed);
  memory.fill(totals, 0, scoreStride + (<usize>(padded * length) << 2));
  for (let i: usize = 0; i < scoreStride; i += 4) store<f32>(partial + i, lowest);
  const wide = <usize>length << 2;
  for (let first = 0; first < rows; first += rowsOfMany) {
    const count = min(rowsOfMany, rows - first);
    widenRows<T>(keys, stride, count, length, keyScales, block);
    productsOfRows(block, wide, count, length, packed, <usize>length << 4, fours, scores, scoreStride, false);
    if (ranges != 0) hideUnseen(scores, count, firstRow + first, queries, scoreStride, ranges);
    for (let four = 0; four < fours; four++) softmaxOfFour(scores, count, scoreStride, four, partial, totals, outputs, length);
    widenRows<T>(values, stride, count, length, valueScales, block);
    addRowsToSums(block, wide, count, length, scores, fours, outputs);
    keys += <usize>count * stride;
    values += <usize>count * stride;
    keyScales += <usize>count << 2;
    valueScales += <usize>count << 2;
  }
}

/** One step of the online softmax for four queries, a lane each. */
function softmaxOfFour(
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

/** A row that a query does not see counts as a logit too low to matter; what it adds before a seen row is rescaled away. */
function hideUnseen(scores: usize, count: i32, firstRow: i32, queries: i32, stride: usize, ranges: usize): void {
  for (let query = 0; query < queries; query++) {
    const from = load<i32>(ranges + (<usize>query << 3));
    const to = load<i32>(ranges + (<usize>query << 3), 4);
    for (let i = 0; i < count; i++) {
      const row = firstRow + i;
      if (row < from || row >= to) store<f32>(scores + <usize>i * stride + (<usize>query << 2), lowest);
    }
  }
}

/** Joins a pair's partials by their maxima and sums and divides by the sum. */
function combine(pair: usize): void {
  const length = word(2);
  const queries = word(3);
  const padded = queries == 1 ? 8 : (queries + 3) & ~3;
  const first = load<usize>(pair);
  const partials = load<i32>(pair, 4);
  const bytes = load<usize>(pair, 8);
  const output = load<usize>(pair, 12);
  const sinks = load<usize>(pair, 16);
  for (let query = 0; query < queries; query++) {
    const own = <usize>query << 2;
    const sink = sinks == 0 ? lowest : load<f32>(sinks + own);
    let top = sink;
    for (let i = 0; i < partials; i++) top = max(top, load<f32>(first + <usize>i * bytes + own));
    let total: f32 = sinks == 0 ? 0 : weightOf(sink - top);
    const to = output + <usize>query * (<usize>length << 2);
    memory.fill(to, 0, <usize>length << 2);
    for (let i = 0; i < partials; i++) {
      const partial = first + <usize>i * bytes;
      const weight = weightOf(load<f32>(partial + own) - top);
      if (weight == 0) continue;
      total += weight * load<f32>(partial + (<usize>padded << 2) + own);
      addRows<f32>(
        partial + (<usize>padded << 3) + <usize>query * (<usize>length << 2),
        0,
        1,
        length,
        storedWeight(partial + own, weight),
        to,
      );
    }
    multiplyAll(to, length, 1 / total);
  }
}

// @ts-ignore: decorator
@inline
function storedWeight(at: usize, weight: f32): usize {
  store<f32>(at, weight);
  return at;
}

function weightOf(difference: f32): f32 {
  return difference < -126 ? 0 : f32x4.extract_lane(powerOfTwo(f32x4.splat(difference)), 0);
}
