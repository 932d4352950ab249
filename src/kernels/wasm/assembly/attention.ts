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
import { eachQuery } from "./attention-each-query";
import { queriesByFours } from "./attention-by-fours";
import { address, takeTask, word } from "./job";
import { addRows } from "./row-products";
import { lowest, multiplyAll } from "./softmax";
import { powerOfTwo } from "./vector";

export function attention(thread: i32): void {
  const tasks = word(4);
  const table = address(5);
  const scratch = address(6) + <usize>thread * address(7);
  for (let task = takeTask(); task < tasks; task = takeTask()) {
    const at = table + <usize>task * 64;
    const format = word(1);
    const one = word(3) == 1;
    if (format == 0) {
      if (one) eachQuery<f32>(at, scratch);
      else queriesByFours<f32>(at, scratch);
    } else if (format == 1) {
      if (one) eachQuery<u16>(at, scratch);
      else queriesByFours<u16>(at, scratch);
    } else {
      eachQuery<i8>(at, scratch);
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
