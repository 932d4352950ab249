/**
 * Four queries against a block of rows: scores with a lane a query, and the rows' weighted sums. Rows are read where they lie, once
 * for all four. V8 puts all loads of a stretch without branches first, and two steps' would
 * not fit its registers, so a branch stands between steps.
 */
import { stored, widened } from "./stored";
import { multiplyAdd, sumsOfLanes } from "./vector";

/** `vectors` vectors of `length` elements as [⌈vectors / 4⌉][length / 4][4 vectors][4]; vectors beyond the last are zero. */
export function interleaveFours(from: usize, vectors: i32, length: i32, into: usize): void {
  const width = <usize>length << 2;
  for (let first = 0; first < vectors; first += 4) {
    for (let i: usize = 0; i < width; i += 16) {
      for (let lane = 0; lane < 4; lane++) {
        const at = from + <usize>(first + lane) * width + i;
        v128.store(into, first + lane < vectors ? v128.load(at) : f32x4.splat(0));
        into += 16;
      }
    }
  }
}

/**
 * into[row][vector] = Σ_i rows[row][i] · vector[i], two rows at a time; with an odd number, one row of `into` more is written.
 * @param fours the vectors, as interleaveFours lays them
 * @param ahead a block as large as the rows, of which a word is read every 32 bytes meanwhile, so that it is in the cache when its
 * turn comes (read all at once it delays the rest: measured, by a third); 0 for none
 */
export function scoresOfFour<T>(
  from: usize,
  stride: usize,
  rows: i32,
  length: i32,
  fours: usize,
  into: usize,
  intoStride: usize,
  ahead: usize,
): void {
  if (ahead != 0) scores<T>(from, stride, rows, length, fours, into, intoStride, true, ahead);
  else scores<T>(from, stride, rows, length, fours, into, intoStride, false, 0);
}

// @ts-ignore: decorator
@inline
function scores<T>(
  from: usize,
  stride: usize,
  rows: i32,
  length: i32,
  fours: usize,
  into: usize,
  intoStride: usize,
  touches: bool,
  ahead: usize,
): void {
  const end = fours + (<usize>length << 4);
  for (let row = 0; row < rows; row += 2) {
    const other = row + 1 < rows ? stride : 0;
    let p = from;
    let a0 = f32x4.splat(0);
    let a1 = f32x4.splat(0);
    let a2 = f32x4.splat(0);
    let a3 = f32x4.splat(0);
    let b0 = f32x4.splat(0);
    let b1 = f32x4.splat(0);
    let b2 = f32x4.splat(0);
    let b3 = f32x4.splat(0);
    for (let q = fours; q < end; q += 128) {
      if (touches) load<i32>(ahead);
      const s = stored<T>(p, 0);
      const t = stored<T>(p + other, 0);
      {
        const x = widened<T>(s, 0);
        const y = widened<T>(t, 0);
        const v0 = v128.load(q);
        const v1 = v128.load(q, 16);
        const v2 = v128.load(q, 32);
        const v3 = v128.load(q, 48);
        a0 = multiplyAdd(x, v0, a0);
        b0 = multiplyAdd(y, v0, b0);
        a1 = multiplyAdd(x, v1, a1);
        b1 = multiplyAdd(y, v1, b1);
        a2 = multiplyAdd(x, v2, a2);
        b2 = multiplyAdd(y, v2, b2);
        a3 = multiplyAdd(x, v3, a3);
        b3 = multiplyAdd(y, v3, b3);
      }
      // Never so; it parts the steps.
      if (q == 0) break;
      if (touches && sizeof<T>() == 4) load<i32>(ahead, 32);
      const x = widened<T>(sizeof<T>() == 4 ? stored<T>(p, 1) : s, 1);
      const y = widened<T>(sizeof<T>() == 4 ? stored<T>(p + other, 1) : t, 1);
      const v0 = v128.load(q, 64);
      const v1 = v128.load(q, 80);
      const v2 = v128.load(q, 96);
      const v3 = v128.load(q, 112);
      a0 = multiplyAdd(x, v0, a0);
      b0 = multiplyAdd(y, v0, b0);
      a1 = multiplyAdd(x, v1, a1);
      b1 = multiplyAdd(y, v1, b1);
      a2 = multiplyAdd(x, v2, a2);
      b2 = multiplyAdd(y, v2, b2);
      a3 = multiplyAdd(x, v3, a3);
      b3 = multiplyAdd(y, v3, b3);
      p += 8 * sizeof<T>();
      if (touches) ahead += 16 * sizeof<T>();
    }
    v128.store(into, sumsOfLanes(a0, a1, a2, a3));
    v128.store(into + intoStride, sumsOfLanes(b0, b1, b2, b3));
    into += 2 * intoStride;
    from += 2 * stride;
  }
}

/**
 * sums[vector][i] += Σ_row factors[row][vector] · rows[row][i] for four vectors, eight elements at a time down all rows, which
 * must therefore be in the cache.
 * @param ahead as for scoresOfFour
 */
export function addToFour<T>(
  from: usize,
  stride: usize,
  rows: i32,
  length: i32,
  factors: usize,
  factorStride: usize,
  sums: usize,
  ahead: usize,
): void {
  if (ahead != 0) addTo<T>(from, stride, rows, length, factors, factorStride, sums, true, ahead);
  else addTo<T>(from, stride, rows, length, factors, factorStride, sums, false, 0);
}

// @ts-ignore: decorator
@inline
function addTo<T>(
  from: usize,
  stride: usize,
  rows: i32,
  length: i32,
  factors: usize,
  factorStride: usize,
  sums: usize,
  touches: bool,
  ahead: usize,
): void {
  const width = <usize>length << 2;
  for (let i: usize = 0; i < width; i += 32) {
    const to = sums + i;
    let s00 = v128.load(to);
    let s01 = v128.load(to, 16);
    let s10 = v128.load(to + width);
    let s11 = v128.load(to + width, 16);
    let s20 = v128.load(to + 2 * width);
    let s21 = v128.load(to + 2 * width, 16);
    let s30 = v128.load(to + 3 * width);
    let s31 = v128.load(to + 3 * width, 16);
    let p = from;
    let f = factors;
    const end = factors + <usize>rows * factorStride;
    while (true) {
      if (touches) {
        load<i32>(ahead);
        ahead += 8 * sizeof<T>();
      }
      {
        const low = stored<T>(p, 0);
        const x = widened<T>(low, 0);
        const y = widened<T>(sizeof<T>() == 4 ? stored<T>(p, 1) : low, 1);
        const f0 = v128.load32_splat(f);
        s00 = multiplyAdd(f0, x, s00);
        s01 = multiplyAdd(f0, y, s01);
        const f1 = v128.load32_splat(f, 4);
        s10 = multiplyAdd(f1, x, s10);
        s11 = multiplyAdd(f1, y, s11);
        const f2 = v128.load32_splat(f, 8);
        s20 = multiplyAdd(f2, x, s20);
        s21 = multiplyAdd(f2, y, s21);
        const f3 = v128.load32_splat(f, 12);
        s30 = multiplyAdd(f3, x, s30);
        s31 = multiplyAdd(f3, y, s31);
        p += stride;
        f += factorStride;
      }
      if (f >= end) break;
      if (touches) {
        load<i32>(ahead);
        ahead += 8 * sizeof<T>();
      }
      const low = stored<T>(p, 0);
      const x = widened<T>(low, 0);
      const y = widened<T>(sizeof<T>() == 4 ? stored<T>(p, 1) : low, 1);
      const f0 = v128.load32_splat(f);
      s00 = multiplyAdd(f0, x, s00);
      s01 = multiplyAdd(f0, y, s01);
      const f1 = v128.load32_splat(f, 4);
      s10 = multiplyAdd(f1, x, s10);
      s11 = multiplyAdd(f1, y, s11);
      const f2 = v128.load32_splat(f, 8);
      s20 = multiplyAdd(f2, x, s20);
      s21 = multiplyAdd(f2, y, s21);
      const f3 = v128.load32_splat(f, 12);
      s30 = multiplyAdd(f3, x, s30);
      s31 = multiplyAdd(f3, y, s31);
      p += stride;
      f += factorStride;
      if (f >= end) break;
    }
    v128.store(to, s00);
    v128.store(to, s01, 16);
    v128.store(to + width, s10);
    v128.store(to + width, s11, 16);
    v128.store(to + 2 * width, s20);
    v128.store(to + 2 * width, s21, 16);
    v128.store(to + 3 * width, s30);
    v128.store(to + 3 * width, s31, 16);
    from += 8 * sizeof<T>();
  }
}
