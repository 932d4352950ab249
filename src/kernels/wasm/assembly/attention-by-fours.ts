/**
 * A task's queries by fours over blocks of rows: where several share a K/V head. bf16 is widened into scratch where more than four
 * queries use it, else in registers. While a block is worked on, the next is brought into the cache, a share by each four.
 * attention.ts says what a task and a partial are. Scratch: queries [P, length], scores [P / 4, 64, 4], a block widened.
 */
import { addToFour } from "./add-to-four";
import { interleaveFours, separateFours } from "./fours";
import { address, word } from "./job";
import { scoresOfFour } from "./scores-of-four";
import { hideUnseen, lowest, softmaxOfFour } from "./softmax";
import { widenRows } from "./stored";

/** Bytes of a block of keys, or of values, for one four, two and more: in a first cache of 32 KiB, and with more fours beyond it. */
const blockOfOne: i32 = 8192;
const blockOfTwo: i32 = 16384;
const blockOfMore: i32 = 20480;
const mostRows: i32 = 64;
/** Scores of a four: [row][query]. */
const fourBytes: usize = 1024;

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
  const widen = sizeof<T>() < 4 && fours > 1;
  const blockBytes = fours > 2 ? blockOfMore : fours > 1 ? blockOfTwo : blockOfOne;
  const blockRows = max(8, min(mostRows, (blockBytes / <i32>(widen ? wide : stride)) & ~3));
  let keys = load<usize>(task);
  let values = load<usize>(task, 4);
  interleaveFours(load<usize>(task, 20), queries, length, vectors);
  memory.fill(totals, 0, scoreStride + <usize>(4 * fours) * wide);
  for (let i: usize = 0; i < scoreStride; i += 4) store<f32>(maxima + i, lowest);
  for (let first = 0; first < rows; first += blockRows) {
    const count = min(blockRows, rows - first);
    // A block that is shorter than this one is not touched: what lies behind it may be nobody's.
    const next = first + 2 * blockRows <= rows ? keys + <usize>blockRows * stride : keys;
    // With one or two fours the first touches all of it, a second what is there already: quicker than shares (measured, by a tenth).
    const share = widen || fours > 2 ? (<usize>count * stride) / <usize>fours : 0;
    if (widen) widenRows<T>(keys, stride, count, length, 0, block);
    for (let four = 0; four < fours; four++) {
      const vector = vectors + <usize>(4 * four) * wide;
      const into = scores + <usize>four * fourBytes;
      const ahead = four > 0 && share == 0 ? keys : values + <usize>four * share;
      if (widen) scoresOfFour<f32>(block, wide, count, length, vector, into, ahead, share);
      else scoresOfFour<T>(keys, stride, count, length, vector, into, ahead, share);
    }
    for (let i = 0; i < queries && ranges != 0; i++) {
      hideUnseen(scores + <usize>(i >> 2) * fourBytes + (<usize>(i & 3) << 2), count, firstRow + first, 16, ranges + (<usize>i << 3));
    }
    for (let four = 0; four < fours; four++) softmaxOfFour(scores + <usize>four * fourBytes, count, four, maxima, totals, outputs, length);
    if (widen) widenRows<T>(values, stride, count, length, 0, block);
    for (let four = 0; four < fours; four++) {
      const factors = scores + <usize>four * fourBytes;
      const sums = outputs + <usize>(4 * four) * wide;
      const ahead = four > 0 && share == 0 ? values : next + <usize>four * share;
      if (widen) addToFour<f32>(block, wide, count, length, factors, sums, ahead, share);
      else addToFour<T>(values, stride, count, length, factors, sums, ahead, share);
    }
    keys += <usize>count * stride;
    values += <usize>count * stride;
  }
  // The queries are done with: their place is for the sums while they are parted.
  memory.copy(vectors, outputs, <usize>(4 * fours) * wide);
  separateFours(vectors, queries, length, outputs);
}
