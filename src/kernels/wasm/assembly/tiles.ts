/**
 * Several vectors against many float32 rows, in register tiles. Vectors come packed by fours, [length][4]: a lane a vector, so
 * that a row's element is spread over the lanes and no sum crosses them.
 */
import { multiplyAdd } from "./vector";

/** `vectors` vectors of `stride` bytes as [⌈vectors / 4⌉][length][4]; lanes beyond the last are zero. */
export function packByFours(from: usize, stride: usize, vectors: i32, length: i32, into: usize): void {
  for (let first = 0; first < vectors; first += 4) {
    for (let lane = 0; lane < 4; lane++) {
      const at = from + <usize>(first + lane) * stride;
      const used = first + lane < vectors;
      const to = into + (<usize>lane << 2);
      for (let i = 0; i < length; i++) {
        store<f32>(to + (<usize>i << 4), used ? load<f32>(at + (<usize>i << 2)) : 0);
      }
    }
    into += <usize>length << 4;
  }
}

/**
 * into[row][vector] (+)= Σ_i rows[row][i] · vector[i] over `length` elements, for `fours` groups of four vectors.
 * @param packedStride bytes from a group of four to the next
 * @param intoStride bytes from a row's products to the next row's
 * @param add whether to add to what `into` holds
 */
export function productsOfRows(
  from: usize,
  stride: usize,
  rows: i32,
  length: i32,
  packed: usize,
  packedStride: usize,
  fours: i32,
  into: usize,
  intoStride: usize,
  add: bool,
): void {
  let four = 0;
  for (; four + 2 <= fours; four += 2) {
    const a = packed + <usize>four * packedStride;
    const to = into + (<usize>four << 4);
    let row = 0;
    for (; row + 4 <= rows; row += 4) {
      tile4x8(from + <usize>row * stride, stride, length, a, a + packedStride, to + <usize>row * intoStride, intoStride, add);
    }
    for (; row < rows; row++) {
      tile1x4(from + <usize>row * stride, length, a, to + <usize>row * intoStride, add);
      tile1x4(from + <usize>row * stride, length, a + packedStride, to + <usize>row * intoStride + 16, add);
    }
  }
  if (four < fours) {
    const a = packed + <usize>four * packedStride;
    const to = into + (<usize>four << 4);
    let row = 0;
    for (; row + 8 <= rows; row += 8) {
      tile8x4(from + <usize>row * stride, stride, length, a, to + <usize>row * intoStride, intoStride, add);
    }
    for (; row < rows; row++) tile1x4(from + <usize>row * stride, length, a, to + <usize>row * intoStride, add);
  }
}

// @ts-ignore: decorator
@inline
function held(at: usize, add: bool): v128 {
  return add ? v128.load(at) : f32x4.splat(0);
}

function tile4x8(
  p: usize,
  stride: usize,
  length: i32,
  a: usize,
  b: usize,
  to: usize,
  toStride: usize,
  add: bool,
): void {
  const stride2 = 2 * stride;
  const stride3 = 3 * stride;
  let s00 = held(to, add);
  let s01 = held(to + 16, add);
  let s10 = held(to + toStride, add);
  let s11 = held(to + toStride + 16, add);
  let s20 = held(to + 2 * toStride, add);
  let s21 = held(to + 2 * toStride + 16, add);
  let s30 = held(to + 3 * toStride, add);
  let s31 = held(to + 3 * toStride + 16, add);
  const end = p + (<usize>length << 2);
  while (p < end) {
    {
      const x = v128.load(a);
      const y = v128.load(b);
      const r0 = v128.load32_splat(p);
      s00 = multiplyAdd(r0, x, s00);
      s01 = multiplyAdd(r0, y, s01);
      const r1 = v128.load32_splat(p + stride);
      s10 = multiplyAdd(r1, x, s10);
      s11 = multiplyAdd(r1, y, s11);
      const r2 = v128.load32_splat(p + stride2);
      s20 = multiplyAdd(r2, x, s20);
      s21 = multiplyAdd(r2, y, s21);
      const r3 = v128.load32_splat(p + stride3);
      s30 = multiplyAdd(r3, x, s30);
      s31 = multiplyAdd(r3, y, s31);
    }
    {
      const x = v128.load(a, 16);
      const y = v128.load(b, 16);
      const r0 = v128.load32_splat(p, 4);
      s00 = multiplyAdd(r0, x, s00);
      s01 = multiplyAdd(r0, y, s01);
      const r1 = v128.load32_splat(p + stride, 4);
      s10 = multiplyAdd(r1, x, s10);
      s11 = multiplyAdd(r1, y, s11);
      const r2 = v128.load32_splat(p + stride2, 4);
      s20 = multiplyAdd(r2, x, s20);
      s21 = multiplyAdd(r2, y, s21);
      const r3 = v128.load32_splat(p + stride3, 4);
      s30 = multiplyAdd(r3, x, s30);
      s31 = multiplyAdd(r3, y, s31);
    }
    a += 32;
    b += 32;
    p += 8;
  }
  v128.store(to, s00);
  v128.store(to, s01, 16);
  v128.store(to + toStride, s10);
  v128.store(to + toStride, s11, 16);
  v128.store(to + 2 * toStride, s20);
  v128.store(to + 2 * toStride, s21, 16);
  v128.store(to + 3 * toStride, s30);
  v128.store(to + 3 * toStride, s31, 16);
}

function tile8x4(p: usize, stride: usize, length: i32, a: usize, to: usize, toStride: usize, add: bool): void {
  const stride4 = 4 * stride;
  let s0 = held(to, add);
  let s1 = held(to + toStride, add);
  let s2 = held(to + 2 * toStride, add);
  let s3 = held(to + 3 * toStride, add);
  let s4 = held(to + 4 * toStride, add);
  let s5 = held(to + 5 * toStride, add);
  let s6 = held(to + 6 * toStride, add);
  let s7 = held(to + 7 * toStride, add);
  const end = p + (<usize>length << 2);
  while (p < end) {
    const x = v128.load(a);
    const q = p + stride4;
    s0 = multiplyAdd(v128.load32_splat(p), x, s0);
    s1 = multiplyAdd(v128.load32_splat(p + stride), x, s1);
    s2 = multiplyAdd(v128.load32_splat(p + 2 * stride), x, s2);
    s3 = multiplyAdd(v128.load32_splat(p + 3 * stride), x, s3);
    s4 = multiplyAdd(v128.load32_splat(q), x, s4);
    s5 = multiplyAdd(v128.load32_splat(q + stride), x, s5);
    s6 = multiplyAdd(v128.load32_splat(q + 2 * stride), x, s6);
    s7 = multiplyAdd(v128.load32_splat(q + 3 * stride), x, s7);
    a += 16;
    p += 4;
  }
  v128.store(to, s0);
  v128.store(to + toStride, s1);
  v128.store(to + 2 * toStride, s2);
  v128.store(to + 3 * toStride, s3);
  v128.store(to + 4 * toStride, s4);
  v128.store(to + 5 * toStride, s5);
  v128.store(to + 6 * toStride, s6);
  v128.store(to + 7 * toStride, s7);
}

function tile1x4(p: usize, length: i32, a: usize, to: usize, add: bool): void {
  let s = held(to, add);
  const end = p + (<usize>length << 2);
  while (p < end) {
    s = multiplyAdd(v128.load32_splat(p), v128.load(a), s);
    a += 16;
    p += 4;
  }
  v128.store(to, s);
}
