/**
 * y[T, n] = x[T, k] W[n, k]ᵀ + bias[n], a task a block of W's rows, strip after strip (strips.ts). One token reads rows as they
 * are; several go over tiles of 32 rows by 256 columns, widened once for all tokens.
 *
 * Job words: 1 format, 2 k (a multiple of 16), 3 tokens, 4 tasks, 5 rows a task (a multiple of 4), 6 scratch, 7 scratch bytes
 * a thread, 8 n, 9 weights (in strips), 10 scales, 11 x, 12 y, 13 bias (0: none), 14 x packed by fours.
 */
import { address, takeTask, word } from "./job";
import { addInt8Dots, quantize } from "./int8-products";
import { addDots } from "./row-products";
import { widenRows } from "./stored";
import { stripColumns, stripRow, stripWidth } from "./strips";
import { packByFours, productsOfRows } from "./tiles";

const tileRows = 32;
const tileColumns = 256;

/** Before the threads start: x as the tiles want it. */
export function packInput(): void {
  if (word(3) > 1) packByFours(address(11), address(2) << 2, word(3), word(2), address(14));
}

export function linear(thread: i32): void {
  const tasks = word(4);
  const rows = word(5);
  const scratch = address(6) + <usize>thread * address(7);
  for (let task = takeTask(); task < tasks; task = takeTask()) {
    const first = task * rows;
    const count = min(rows, word(8) - first);
    const format = word(1);
    if (word(3) == 1) {
      if (format == 0) oneToken<f32>(first, count, scratch);
      else if (format == 1) oneToken<u16>(first, count, scratch);
      else oneToken<i8>(first, count, scratch);
    } else {
      if (format == 0) manyTokens<f32>(first, count, scratch);
      else if (format == 1) manyTokens<u16>(first, count, scratch);
      else manyTokens<i8>(first, count, scratch);
    }
  }
}

function oneToken<T>(first: i32, count: i32, scratch: usize): void {
  const length = word(2);
  const offset = <usize>first << 2;
  const y = address(12) + offset;
  memory.fill(y, 0, <usize>count << 2);
  if (address(13) != 0) memory.copy(y, address(13) + offset, <usize>count << 2);
  for (let column = 0; column < length; column += stripColumns) {
    const width = stripWidth(length, column);
    const x = address(11) + (<usize>column << 2);
    const from = stripRow<T>(address(9), word(8), width, column, first);
    if (sizeof<T>() == 1) {
      const s = quantize(x, width, scratch);
      addInt8Dots(from, <usize>width, count, width, scratch, s, address(10) + offset, y);
    } else {
      addDots<T>(from, <usize>width * sizeof<T>(), count, width, x, y);
    }
  }
}

function manyTokens<T>(first: i32, count: i32, scratch: usize): void {
  const length = word(2);
  const tokens = word(3);
  const fours = (tokens + 3) >> 2;
  const sumStride = <usize>fours << 4;
  const sums = scratch;
  const block = sums + <usize>tileRows * sumStride;
  for (let tile = 0; tile < count; tile += tileRows) {
    const rows = min(tileRows, count - tile);
    const scales = address(10) + (<usize>(first + tile) << 2);
    for (let column = 0; column < length; column += tileColumns) {
      const columns = min(tileColumns, length - column);
      const strip = column - (column % stripColumns);
      const width = stripWidth(length, strip);
      const from = stripRow<T>(address(9), word(8), width, strip, first + tile);
      const at = from + <usize>(column - strip) * sizeof<T>();
      widenRows<T>(at, <usize>width * sizeof<T>(), rows, columns, scales, block);
      productsOfRows(
        block,
        <usize>columns << 2,
        rows,
        columns,
        address(14) + (<usize>column << 4),
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
  const bias = address(13);
  const yStride = address(8) << 2;
  for (let row = 0; row < rows; row++) {
    const b: f32 = bias == 0 ? 0 : load<f32>(bias + (<usize>(first + row) << 2));
    for (let token = 0; token < tokens; token++) {
      const sum = load<f32>(sums + <usize>row * sumStride + (<usize>token << 2));
      store<f32>(y + <usize>token * yStride + (<usize>row << 2), sum + b);
    }
  }
}
