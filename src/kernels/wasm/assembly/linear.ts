/**
 * y[T, n] = x[T, k] W[n, k]ᵀ + bias[n], a task a block of W's rows. One token reads rows as they are; several go over tiles of
 * 32 rows by 256 columns, widened once for all tokens.
 *
 * Job words: 1 format, 2 k (a multiple of 16), 3 tokens, 4 tasks, 5 rows a task (a multiple of 4), 6 scratch, 7 scratch bytes
 * a thread, 8 bytes a row, 9 weights, 10 scales, 11 x, 12 y, 13 n, 14 bias (0: none), 15 x packed by fours.
 */
import { address, takeTask, word } from "./job";
import { dotRows } from "./row-products";
import { widenRows } from "./stored";
import { packByFours, productsOfRows } from "./tiles";

const tileRows = 32;
const tileColumns = 256;

/** Before the threads start: x as the tiles want it. */
export function packInput(): void {
  if (word(3) > 1) packByFours(address(11), address(2) << 2, word(3), word(2), address(15));
}

export function linear(thread: i32): void {
  const tasks = word(4);
  const rows = word(5);
  const scratch = address(6) + <usize>thread * address(7);
  for (let task = takeTask(); task < tasks; task = takeTask()) {
    const first = task * rows;
    const count = min(rows, word(13) - first);
    const format = word(1);
    if (word(3) == 1) {
      if (format == 0) oneToken<f32>(first, count);
      else if (format == 1) oneToken<u16>(first, count);
      else oneToken<i8>(first, count);
    } else {
      if (format == 0) manyTokens<f32>(first, count, scratch);
      else if (format == 1) manyTokens<u16>(first, count, scratch);
      else manyTokens<i8>(first, count, scratch);
    }
  }
}

function oneToken<T>(first: i32, count: i32): void {
  const stride = address(8);
  const offset = <usize>first << 2;
  const y = address(12) + offset;
  dotRows<T>(address(9) + <usize>first * stride, stride, count, word(2), address(11), address(10) + offset, y);
  if (address(14) == 0) return;
  const bias = address(14) + offset;
  for (let i: usize = 0; i < <usize>count << 2; i += 4) store<f32>(y + i, load<f32>(y + i) + load<f32>(bias + i));
}

function manyTokens<T>(first: i32, count: i32, scratch: usize): void {
  const length = word(2);
  const tokens = word(3);
  const stride = address(8);
  const fours = (tokens + 3) >> 2;
  const sumStride = <usize>fours << 4;
  const sums = scratch;
  const block = sums + tileRows * sumStride;
  for (let tile = 0; tile < count; tile += tileRows) {
    const rows = min(tileRows, count - tile);
    const from = address(9) + <usize>(first + tile) * stride;
    for (let column = 0; column < length; column += tileColumns) {
      const columns = min(tileColumns, length - column);
      const at = from + <usize>column * sizeof<T>();
      const scales = address(10) + (<usize>(first + tile) << 2);
      widenRows<T>(at, stride, rows, columns, scales, block);
      productsOfRows(
        block,
        <usize>columns << 2,
        rows,
        columns,
        address(15) + (<usize>column << 4),
        <usize>length << 4,
        fours,
        sums,
        sumStride,
        column > 0,
      );
    }
    storeTransposed(sums, sumStride, rows, tokens, first + tile);
  }
}

/** y[token][first + row] = sums[row][token] + bias. */
function storeTransposed(sums: usize, sumStride: usize, rows: i32, tokens: i32, first: i32): void {
  const y = address(12) + (<usize>first << 2);
  const bias = address(14);
  const yStride = address(13) << 2;
  for (let row = 0; row < rows; row++) {
    const b: f32 = bias == 0 ? 0 : load<f32>(bias + (<usize>(first + row) << 2));
    for (let token = 0; token < tokens; token++) {
      const sum = load<f32>(sums + <usize>row * sumStride + (<usize>token << 2));
      store<f32>(y + <usize>token * yStride + (<usize>row << 2), sum + b);
    }
  }
}
