/**
 * Stored elements become float32 in registers, sixteen at a time. T names the format: f32 as it is, u16 for bf16, i8 for int8
 * (whose scale is applied to the row's sum, not to its elements).
 *   bf16: each 8 elements lie as 0 4 1 5 2 6 3 7, so that a shift yields 0 … 3 and clearing the lower halves 4 … 7. They are cleared by
 *   a blend with zero, which is one instruction; for a mask, V8 would load its constant anew each time.
 */

/** The stored bytes of elements 4 · part … 4 · part + 3 of the sixteen at `at`, maybe with others; part is a constant. */
// @ts-ignore: decorator
@inline
export function stored<T>(at: usize, part: i32): v128 {
  return v128.load(at + ((<usize>(part * sizeof<T>()) >> 2) << 4));
}

/** Elements 4 · part … 4 · part + 3 from what stored() gave for them; part is a constant. */
// @ts-ignore: decorator
@inline
export function widened<T>(bytes: v128, part: i32): v128 {
  if (sizeof<T>() == 4) return bytes;
  if (sizeof<T>() == 2) return (part & 1) == 0 ? i32x4.shl(bytes, 16) : upperHalves(bytes);
  const words = (part >> 1) == 0 ? i16x8.extend_low_i8x16_s(bytes) : i16x8.extend_high_i8x16_s(bytes);
  return f32x4.convert_i32x4_s(
    (part & 1) == 0 ? i32x4.extend_low_i16x8_s(words) : i32x4.extend_high_i16x8_s(words),
  );
}

// @ts-ignore: decorator
@inline
function upperHalves(words: v128): v128 {
  return i8x16.shuffle(words, i32x4.splat(0), 16, 17, 2, 3, 20, 21, 6, 7, 24, 25, 10, 11, 28, 29, 14, 15);
}

/**
 * `rows` rows of `length` elements (a multiple of 16) as float32, packed, each multiplied by its scale where there is one. f32 is copied
 * too, since tiles take rows side by side and memory is fast only where it is read in order.
 */
export function widenRows<T>(
  from: usize,
  stride: usize,
  rows: i32,
  length: i32,
  scales: usize,
  into: usize,
): void {
  for (let row = 0; row < rows; row++) {
    const scale = f32x4.splat(sizeof<T>() == 1 ? load<f32>(scales + (<usize>row << 2)) : 1);
    let at = from + <usize>row * stride;
    for (let i = 0; i < length; i += 16) {
      const s0 = stored<T>(at, 0);
      const s1 = sizeof<T>() == 4 ? stored<T>(at, 1) : s0;
      const s2 = sizeof<T>() == 1 ? s0 : stored<T>(at, 2);
      const s3 = sizeof<T>() == 4 ? stored<T>(at, 3) : s2;
      let a = widened<T>(s0, 0);
      let b = widened<T>(s1, 1);
      let c = widened<T>(s2, 2);
      let d = widened<T>(s3, 3);
      if (sizeof<T>() == 1) {
        a = f32x4.mul(a, scale);
        b = f32x4.mul(b, scale);
        c = f32x4.mul(c, scale);
        d = f32x4.mul(d, scale);
      }
      v128.store(into, a);
      v128.store(into, b, 16);
      v128.store(into, c, 32);
      v128.store(into, d, 48);
      at += 16 * sizeof<T>();
      into += 64;
    }
  }
}
