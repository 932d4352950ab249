/**
 * A task's queries by fours over blocks of rows: where several share a K/V head. bf16 is widened into scratch where more than eight
 * queries use it, else in registers. attention.ts says what a task and a partial are. Scratch: queries [P, length], scores [64, P], a block widened.
 */
import { addToFour, interleaveFours, scoresOfFour } from "./fours";
import { address, word } from "./job";
import { hideUnseen, lowest, softmaxOfFour } from "./softmax";
import { widenRows } from "./stored";

/** A block of keys, one of values and the sums of four queries stay in a first cache of 32 KiB; with more fours, larger ones paid. */
const blockBytes: i32 = 8192;
const mostRows: i32 = 64;

export function queriesByFours<T>(task: usize, scratch: usize): void {
  const length = word(2);
  const queries = word(3);
  const stride = address(8);
  const fours = (queries + 3) >> 2;
  const scoreStride = <usize>fours << 4;
  const wide = <usize>length << 2;
  const vectors = scratch;
  const scores = vectors + <usize>(4 * fours) * wide;
  const block = scores + <usize>mostRows * scoreStride;
  const maxima = load<usize>(task, 24);
  const totals = maxima + scoreStride;
  const outputs = totals + scoreStride;
  const rows = load<i32>(task, 16);
  const firstRow = load<i32>(task, 28);
  const ranges = load<usize>(task, 32);
  const widen = sizeof<T>() < 4 && fours > 2;
  const blockRows = max(8, min(mostRows, ((fours > 1 ? 2 * blockBytes : blockBytes) / <i32>(widen ? wide : stride)) & ~3));
  let keys = load<usize>(task);
  let values = load<usize>(task, 4);
  interleaveFours(load<usize>(task, 20), queries, length, vectors);
  memory.fill(totals, 0, scoreStride + <usize>(4 * fours) * wide);
  for (let i: usize = 0; i < scoreStride; i += 4) store<f32>(maxima + i, lowest);
  for (let first = 0; first < rows; first += blockRows) {
    const count = min(blockRows, rows - first);
    const next = first + blockRows < rows ? keys + <usize>blockRows * stride : keys;
    if (widen) widenRows<T>(keys, stride, count, length, 0, block);
    for (let four = 0; four < fours; four++) {
      const vector = vectors + <usize>(4 * four) * wide;
      const into = scores + (<usize>four << 4);
      if (widen) scoresOfFour<f32>(block, wide, count, length, vector, into, scoreStride, 0);
      else if (four == 0) scoresOfFour<T>(keys, stride, count, length, vector, into, scoreStride, values);
      else scoresOfFour<T>(keys, stride, count, length, vector, into, scoreStride, 0);
    }
    for (let i = 0; i < queries && ranges != 0; i++) {
      hideUnseen(scores + (<usize>i << 2), count, firstRow + first, scoreStride, ranges + (<usize>i << 3));
    }
    for (let four = 0; four < fours; four++) softmaxOfFour(scores, count, scoreStride, four, maxima, totals, outputs, length);
    if (widen) widenRows<T>(values, stride, count, length, 0, block);
    for (let four = 0; four < fours; four++) {
      const factors = scores + (<usize>four << 4);
      const sums = outputs + <usize>(4 * four) * wide;
      if (widen) addToFour<f32>(block, wide, count, length, factors, scoreStride, sums, 0);
      else if (four == 0) addToFour<T>(values, stride, count, length, factors, scoreStride, sums, next);
      else addToFour<T>(values, stride, count, length, factors, scoreStride, sums, 0);
    }
    keys += <usize>count * stride;
    values += <usize>count * stride;
  }
}
