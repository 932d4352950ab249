/**
 * A task's queries one after the other over blocks of 64 rows: where there is one, and for int8, whose products in integers
 * are so quick that a block is better read again from the cache than widened. attention.ts says what a task and a partial are.
 * Scratch: scores [64], weights of int8 [64] (16 bits), sums in integers [length], queries [P, length] (16 bits), their scales [P].
 */
import { addInt8Dots, addInt8Rows, quantize } from "./int8-products";
import { address, word } from "./job";
import { addDots, addRows } from "./row-products";
import { exponentials, hideUnseen, largestOf, lowest, multiplyAll } from "./softmax";
import { powerOfTwo } from "./vector";

const blockRows = 64;

export function eachQuery<T>(task: usize, scratch: usize): void {
  const length = word(2);
  const queries = word(3);
  const stride = address(8);
  const width = <usize>length << 2;
  const padded = queries == 1 ? 8 : (queries + 3) & ~3;
  const scores = scratch;
  const weights = scores + 4 * blockRows;
  const integers = weights + 2 * blockRows;
  const quantized = integers + width;
  const queryScales = quantized + <usize>queries * (width >> 1);
  const query = load<usize>(task, 20);
  const maxima = load<usize>(task, 24);
  const totals = maxima + (<usize>padded << 2);
  const outputs = totals + (<usize>padded << 2);
  const rows = load<i32>(task, 16);
  const firstRow = load<i32>(task, 28);
  const ranges = load<usize>(task, 32);
  let keys = load<usize>(task);
  let values = load<usize>(task, 4);
  let keyScales = load<usize>(task, 8);
  let valueScales = load<usize>(task, 12);
  memory.fill(totals, 0, (<usize>padded << 2) + <usize>queries * width);
  for (let i = 0; i < queries; i++) {
    store<f32>(maxima + (<usize>i << 2), lowest);
    if (sizeof<T>() == 1) {
      const s = quantize(query + <usize>i * width, length, quantized + <usize>i * (width >> 1));
      store<f32>(queryScales + (<usize>i << 2), s);
    }
  }
  for (let first = 0; first < rows; first += blockRows) {
    const count = min(blockRows, rows - first);
    for (let i = 0; i < queries; i++) {
      const own = <usize>i << 2;
      const output = outputs + <usize>i * width;
      memory.fill(scores, 0, <usize>count << 2);
      if (sizeof<T>() == 1) {
        const vector = quantized + <usize>i * (width >> 1);
        addInt8Dots(keys, stride, count, length, vector, load<f32>(queryScales + own), keyScales, scores);
      } else {
        addDots<T>(keys, stride, count, length, query + <usize>i * width, scores);
      }
      if (ranges != 0) hideUnseen(scores, count, firstRow + first, 4, ranges + (<usize>i << 3));
      softmaxOfOne(scores, count, maxima + own, totals + own, output, length);
      if (sizeof<T>() == 1) {
        for (let j: usize = 0; j < <usize>count << 2; j += 4) {
          store<f32>(scores + j, load<f32>(scores + j) * load<f32>(valueScales + j));
        }
        addInt8Rows(values, stride, count, length, scores, weights, integers, output);
      } else {
        addRows<T>(values, stride, count, length, scores, output);
      }
    }
    keys += <usize>count * stride;
    values += <usize>count * stride;
    keyScales += <usize>count << 2;
    valueScales += <usize>count << 2;
  }
}

function softmaxOfOne(scores: usize, count: i32, maximum: usize, total: usize, output: usize, length: i32): void {
  const before = load<f32>(maximum);
  const top = max(before, largestOf(scores, count));
  let sum = load<f32>(total);
  if (top > before) {
    const rescale = f32x4.extract_lane(powerOfTwo(f32x4.splat(max(before - top, -200))), 0);
    if (sum > 0) multiplyAll(output, length, rescale);
    sum *= rescale;
    store<f32>(maximum, top);
  }
  store<f32>(total, sum + exponentials(scores, count, top));
}
