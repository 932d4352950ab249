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

/** Largest of the four lanes. */
// @ts-ignore: decorator
@inline
export function largestLane(a: v128): f32 {
  return max(
    max(f32x4.extract_lane(a, 0), f32x4.extract_lane(a, 1)),
    max(f32x4.extract_lane(a, 2), f32x4.extract_lane(a, 3)),
  );
}

/**
 * 2^x for x ≤ 127; below −126 it stays at 2^−126, which no sum of float32 notices. x = n + r with |r| ≤ 1/2, 2^r by its Taylor
 * series to r^6 (relative error below 2e-7), 2^n put into the exponent's bits.
 */
// @ts-ignore: decorator
@inline
export function powerOfTwo(x: v128): v128 {
  const bounded = f32x4.pmax(f32x4.splat(-126), x);
  const whole = f32x4.nearest(bounded);
  const r = f32x4.sub(bounded, whole);
  let p = multiplyAdd(f32x4.splat(1.5403530393381609e-4), r, f32x4.splat(1.3333558146428443e-3));
  p = multiplyAdd(p, r, f32x4.splat(9.618129107628477e-3));
  p = multiplyAdd(p, r, f32x4.splat(5.550410866482158e-2));
  p = multiplyAdd(p, r, f32x4.splat(0.24022650695910072));
  p = multiplyAdd(p, r, f32x4.splat(0.6931471805599453));
  p = multiplyAdd(p, r, f32x4.splat(1));
  const exponent = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(whole), i32x4.splat(127)), 23);
  return f32x4.mul(p, exponent);
}
