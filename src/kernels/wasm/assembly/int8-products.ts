/**
 * int8 rows against one vector in integers, with 16 bits for the vector: v ≈ s · n, s = max |v| / 32767, two products and their sum an
 * instruction. A lane adds at most 2048 / 8 pairs of 2 · 127 · 32767, which 32 bits hold.
 */
import { integerSumsOfLanes, largestLane } from "./vector";

const partElements = 2048;
const shortBytes: usize = 128;

/** n of `length` elements (a multiple of 8) as 16-bit integers; answers s. */
export function quantize(vector: usize, length: i32, into: usize): f32 {
  const end = vector + (<usize>length << 2);
  let top = f32x4.splat(0);
  for (let q = vector; q < end; q += 16) top = f32x4.pmax(top, f32x4.abs(v128.load(q)));
  const largest = largestLane(top);
  const inverse = f32x4.splat(largest > 1e-30 ? 32767 / largest : 0);
  for (let q = vector; q < end; q += 32) {
    v128.store(into, i16x8.narrow_i32x4_s(rounded(v128.load(q), inverse), rounded(v128.load(q, 16), inverse)));
    into += 16;
  }
  return largest > 1e-30 ? largest / 32767 : 0;
}

// @ts-ignore: decorator
@inline
function rounded(x: v128, factor: v128): v128 {
  return i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(x, factor)));
}

/** Eight elements as 16-bit integers. */
// @ts-ignore: decorator
@inline
function eight(p: usize, offset: usize): v128 {
  return v128.load_ext<i8>(p + offset);
}

/** into[row] += scale[row] · s · Σ_i rows[row][i] · vector[i], four rows at a time; length is a multiple of 16. */
export function addInt8Dots(
  from: usize,
  stride: usize,
  rows: i32,
  length: i32,
  vector: usize,
  s: f32,
  scales: usize,
  into: usize,
): void {
  const factor = f32x4.splat(s);
  let row = 0;
  for (; row + 4 <= rows; row += 4) {
    let sum = f32x4.splat(0);
    for (let column = 0; column < length; column += partElements) {
      const part = dotFour(from + <usize>column, stride, min(partElements, length - column), vector + (<usize>column << 1));
      sum = f32x4.add(sum, f32x4.convert_i32x4_s(part));
    }
    v128.store(into, f32x4.add(v128.load(into), f32x4.mul(f32x4.mul(sum, factor), v128.load(scales))));
    from += 4 * stride;
    scales += 16;
    into += 16;
  }
  for (; row < rows; row++) {
    let sum = f32x4.splat(0);
    for (let column = 0; column < length; column += partElements) {
      const part = dotFour(from + <usize>column, 0, min(partElements, length - column), vector + (<usize>column << 1));
      sum = f32x4.add(sum, f32x4.convert_i32x4_s(part));
    }
    store<f32>(into, load<f32>(into) + f32x4.extract_lane(sum, 0) * s * load<f32>(scales));
    from += stride;
    scales += 4;
    into += 4;
  }
}

/** Four rows' sums; short rows side by side, so that what is loaded of the vector serves all. */
// @ts-ignore: decorator
@inline
function dotFour(p: usize, stride: usize, length: i32, vector: usize): v128 {
  if (stride > shortBytes) {
    const a = dotOne(p, length, vector);
    const b = dotOne(p + stride, length, vector);
    const c = dotOne(p + 2 * stride, length, vector);
    return integerSumsOfLanes(a, b, c, dotOne(p + 3 * stride, length, vector));
  }
  const end = vector + (<usize>length << 1);
  let a = i32x4.splat(0);
  let b = i32x4.splat(0);
  let c = i32x4.splat(0);
  let d = i32x4.splat(0);
  let r = p + 2 * stride;
  for (let q = vector; q < end; q += 32) {
    const q0 = v128.load(q);
    const q1 = v128.load(q, 16);
    a = i32x4.add(i32x4.dot_i16x8_s(eight(p, 0), q0), a);
    a = i32x4.add(i32x4.dot_i16x8_s(eight(p, 8), q1), a);
    b = i32x4.add(i32x4.dot_i16x8_s(eight(p + stride, 0), q0), b);
    b = i32x4.add(i32x4.dot_i16x8_s(eight(p + stride, 8), q1), b);
    c = i32x4.add(i32x4.dot_i16x8_s(eight(r, 0), q0), c);
    c = i32x4.add(i32x4.dot_i16x8_s(eight(r, 8), q1), c);
    d = i32x4.add(i32x4.dot_i16x8_s(eight(r + stride, 0), q0), d);
    d = i32x4.add(i32x4.dot_i16x8_s(eight(r + stride, 8), q1), d);
    p += 16;
    r += 16;
  }
  return integerSumsOfLanes(a, b, c, d);
}

/** One row's sum, spread over the lanes. */
function dotOne(p: usize, length: i32, vector: usize): v128 {
  const end = vector + (<usize>length << 1);
  let a = i32x4.splat(0);
  let b = i32x4.splat(0);
  for (let q = vector; q < end; q += 32) {
    a = i32x4.add(i32x4.dot_i16x8_s(eight(p, 0), v128.load(q)), a);
    b = i32x4.add(i32x4.dot_i16x8_s(eight(p, 8), v128.load(q, 16)), b);
    p += 16;
  }
  return i32x4.add(a, b);
}

/**
 * sum[i] += Σ_row factor[row] · rows[row][i] for up to 64 rows. Factors are made 16-bit integers with a scale of their own; their
 * products are added in 32 bits at `integers` and become float32 once.
 * @param weights room for 64 16-bit integers
 */
export function addInt8Rows(
  from: usize,
  stride: usize,
  rows: i32,
  length: i32,
  factors: usize,
  weights: usize,
  integers: usize,
  sum: usize,
): void {
  const padded = (rows + 7) & ~7;
  for (let row = rows; row < padded; row++) store<f32>(factors + (<usize>row << 2), 0);
  const s = quantize(factors, padded, weights);
  const end = <usize>length << 2;
  memory.fill(integers, 0, end);
  for (let row = 0; row < rows; row += 4) {
    // Rows beyond the last have no weight, and read the first in their place.
    addFour(
      from,
      row + 1 < rows ? from + stride : from,
      row + 2 < rows ? from + 2 * stride : from,
      row + 3 < rows ? from + 3 * stride : from,
      integers,
      integers + end,
      v128.load32_splat(weights),
      v128.load32_splat(weights, 4),
    );
    from += 4 * stride;
    weights += 8;
  }
  const factor = f32x4.splat(s);
  for (let i: usize = 0; i < end; i += 16) {
    const part = f32x4.mul(f32x4.convert_i32x4_s(v128.load(integers + i)), factor);
    v128.store(sum + i, f32x4.add(v128.load(sum + i), part));
  }
}

// @ts-ignore: decorator
@inline
function addFour(p0: usize, p1: usize, p2: usize, p3: usize, to: usize, end: usize, f: v128, g: v128): void {
  for (; to < end; to += 32) {
    const a = eight(p0, 0);
    const b = eight(p1, 0);
    const c = eight(p2, 0);
    const d = eight(p3, 0);
    const low = i32x4.add(i32x4.dot_i16x8_s(lowPairs(a, b), f), i32x4.dot_i16x8_s(lowPairs(c, d), g));
    const high = i32x4.add(i32x4.dot_i16x8_s(highPairs(a, b), f), i32x4.dot_i16x8_s(highPairs(c, d), g));
    v128.store(to, i32x4.add(low, v128.load(to)));
    v128.store(to, i32x4.add(high, v128.load(to, 16)), 16);
    p0 += 8;
    p1 += 8;
    p2 += 8;
    p3 += 8;
  }
}

/** a0 b0 a1 b1 a2 b2 a3 b3 of 16-bit lanes. */
// @ts-ignore: decorator
@inline
function lowPairs(a: v128, b: v128): v128 {
  return i8x16.shuffle(a, b, 0, 1, 16, 17, 2, 3, 18, 19, 4, 5, 20, 21, 6, 7, 22, 23);
}

// @ts-ignore: decorator
@inline
function highPairs(a: v128, b: v128): v128 {
  return i8x16.shuffle(a, b, 8, 9, 24, 25, 10, 11, 26, 27, 12, 13, 28, 29, 14, 15, 30, 31);
}
