/** Rows written to a cache in its format, and rows looked up in a table stored so. src/kernels/wasm/stored-rows.ts has the formats. */
import { address, shareOf, word } from "./job";
import { widenRows } from "./stored";
import { stripColumns, stripRow, stripWidth } from "./strips";
import { largestLane } from "./vector";

/**
 * Words: 1 format, 2 rows, 3 rows a token, 4 source, 5 bytes from a token's to the next, 6 bytes from a row to the next, 7 elements, 8 table:
 * where each row goes and where its scale, 9 threads that share. Rows are padded with zeros to sixteens.
 */
export function storeRows(thread: i32): void {
  const format = word(1);
  const each = word(3);
  const end = shareOf(word(2), thread + 1, word(9));
  for (let row = shareOf(word(2), thread, word(9)); row < end; row++) {
    const from = address(4) + <usize>(row / each) * address(5) + <usize>(row % each) * address(6);
    const entry = address(8) + (<usize>row << 3);
    const to = load<usize>(entry);
    if (format == 0) storeWide(from, word(7), to);
    else if (format == 1) storeHalf(from, word(7), to);
    else storeBytes(from, word(7), to, load<usize>(entry, 4));
  }
}

function storeWide(from: usize, elements: i32, to: usize): void {
  memory.copy(to, from, <usize>elements << 2);
  memory.fill(to + (<usize>elements << 2), 0, <usize>(((elements + 15) & ~15) - elements) << 2);
}

/** Rounded to nearest, ties to even; the upper half of each word the element four further on. */
function storeHalf(from: usize, elements: i32, to: usize): void {
  for (let i = 0; i < ((elements + 15) & ~15); i += 8) {
    const low = i32x4.shr_u(rounded(held(from, i, elements)), 16);
    const high = rounded(held(from, i + 4, elements));
    const mask = i32x4.splat(0xffff0000);
    v128.store(to + (<usize>i << 1), v128.or(low, v128.and(high, mask)));
  }
}

// @ts-ignore: decorator
@inline
function rounded(x: v128): v128 {
  const odd = v128.and(i32x4.shr_u(x, 16), i32x4.splat(1));
  return i32x4.add(x, i32x4.add(odd, i32x4.splat(0x7fff)));
}

/** x ≈ scale · n, n in −127 … 127. */
function storeBytes(from: usize, elements: i32, to: usize, scaleAt: usize): void {
  let most = f32x4.splat(0);
  for (let i = 0; i < elements; i += 4) most = f32x4.pmax(most, f32x4.abs(held(from, i, elements)));
  const top = largestLane(most);
  const scale: f32 = top == 0 ? 1 : top / 127;
  store<f32>(scaleAt, scale);
  const s = f32x4.splat(scale);
  for (let i = 0; i < ((elements + 15) & ~15); i += 16) {
    const a = wholes(held(from, i, elements), s);
    const b = wholes(held(from, i + 4, elements), s);
    const c = wholes(held(from, i + 8, elements), s);
    const d = wholes(held(from, i + 12, elements), s);
    const bytes = i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(a, b), i16x8.narrow_i32x4_s(c, d));
    v128.store(to + <usize>i, bytes);
  }
}

// @ts-ignore: decorator
@inline
function wholes(x: v128, scale: v128): v128 {
  return i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.div(x, scale)));
}

/** Elements i … i + 3 of a row, zeros from its end on; what lies behind a row may be read but isn't used. */
// @ts-ignore: decorator
@inline
function held(from: usize, i: i32, elements: i32): v128 {
  const lanes = i32x4.add(i32x4.splat(i), i32x4(0, 1, 2, 3));
  return i + 4 <= elements
    ? v128.load(from + (<usize>i << 2))
    : i < elements
      ? v128.and(v128.load(from + (<usize>i << 2)), i32x4.lt_s(lanes, i32x4.splat(elements)))
      : f32x4.splat(0);
}

/** Words: 1 format, 2 tokens, 3 table, 4 its rows, 5 scales, 6 elements (a multiple of 16), 7 row of each token, 8 output. */
export function lookUpRows(): void {
  const format = word(1);
  const elements = word(6);
  for (let token = 0; token < word(2); token++) {
    const row = load<i32>(address(7) + (<usize>token << 2));
    const to = address(8) + ((<usize>token * <usize>elements) << 2);
    if (format == 0) lookUpRow<f32>(row, elements, to);
    else if (format == 1) lookUpRow<u16>(row, elements, to);
    else lookUpRow<i8>(row, elements, to);
  }
}

function lookUpRow<T>(row: i32, elements: i32, to: usize): void {
  const scale = address(5) + (<usize>row << 2);
  for (let column = 0; column < elements; column += stripColumns) {
    const width = stripWidth(elements, column);
    const from = stripRow<T>(address(3), word(4), width, column, row);
    widenRows<T>(from, 0, 1, width, scale, to + (<usize>column << 2));
  }
}
