/** Arithmetic on four float32 lanes that all kernels share. */

/** a · b + c; one fused instruction in the relaxed build, else rounded twice. */
// @ts-ignore: decorator
@inline
export function multiplyAdd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

/** Sum of the four lanes. */
// @ts-ignore: decorator
@inline
export function sumOfLanes(a: v128): f32 {
  const pairs = f32x4.add(a, i8x16.shuffle(a, a, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
  return f32x4.extract_lane(pairs, 0) + f32x4.extract_lane(pairs, 1);
}

/** The first and third quarters of both, then the second and fourth: halfway to adding lanes across four vectors. */
// @ts-ignore: decorator
@inline
function lowHalves(a: v128, b: v128): v128 {
  return i8x16.shuffle(a, b, 0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23);
}

// @ts-ignore: decorator
@inline
function highHalves(a: v128, b: v128): v128 {
  return i8x16.shuffle(a, b, 8, 9, 10, 11, 24, 25, 26, 27, 12, 13, 14, 15, 28, 29, 30, 31);
}

// @ts-ignore: decorator
@inline
function firstPairs(a: v128, b: v128): v128 {
  return i8x16.shuffle(a, b, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23);
}

// @ts-ignore: decorator
@inline
function secondPairs(a: v128, b: v128): v128 {
  return i8x16.shuffle(a, b, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31);
}

/** The sums of a's, b's, c's and d's lanes, a lane each. */
// @ts-ignore: decorator
@inline
export function sumsOfLanes(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = f32x4.add(lowHalves(a, b), highHalves(a, b));
  const cd = f32x4.add(lowHalves(c, d), highHalves(c, d));
  return f32x4.add(firstPairs(ab, cd), secondPairs(ab, cd));
}

/** The same of 32-bit integers. */
// @ts-ignore: decorator
@inline
export function integerSumsOfLanes(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = i32x4.add(lowHalves(a, b), highHalves(a, b));
  const cd = i32x4.add(lowHalves(c, d), highHalves(c, d));
  return i32x4.add(firstPairs(ab, cd), secondPairs(ab, cd));
}

/** Largest of the four lanes. */
// @ts-ignore: decorator
@inline
export function largestLane(a: v128): f32 {
  return max(
    max(f32x4.extract_lane(a, 0), f32x4.extract_lane(a, 1)),
    max(f32x4.extract_lane(a, 2), f32x4.extract_lane(a, 3)),
  );
}

/** Adding it leaves the whole part of a small number, and 127 for the exponent, in the lowest bits: 1.5 · 2^23 + 127. */
const wholeInLowBits: f32 = 12583039;

/**
 * 2^x for x ≤ 127; below −126 it stays at 2^−126, which no sum of float32 notices. x = n + r with |r| ≤ 1/2, 2^n put into the
 * exponent's bits, 2^r by the polynomial through it at six Chebyshev nodes, its constant made 1 (relative error below 2e-7).
 */
// @ts-ignore: decorator
@inline
export function powerOfTwo(x: v128): v128 {
  const bounded = f32x4.pmax(f32x4.splat(-126), x);
  const shifted = f32x4.add(bounded, f32x4.splat(wholeInLowBits));
  const r = f32x4.sub(bounded, f32x4.sub(shifted, f32x4.splat(wholeInLowBits)));
  const squared = f32x4.mul(r, r);
  const fifth = multiplyAdd(f32x4.splat(1.3390863364671234e-3), r, f32x4.splat(9.676031918322054e-3));
  const third = multiplyAdd(f32x4.splat(5.550357114219078e-2), r, f32x4.splat(0.2402210748530834));
  const first = multiplyAdd(f32x4.splat(0.6931471880262288), r, f32x4.splat(1));
  const p = multiplyAdd(multiplyAdd(fifth, squared, third), squared, first);
  return f32x4.mul(p, i32x4.shl(shifted, 23));
}
