/**
 * One vector against many rows: what a decode step of one query head a K/V head, or of one token, is made of; f32 and bf16 (int8 is
 * in int8-products.ts). Rows are read one after the other, in memory's order: two side by side, 512 bytes apart, came at a third of the
 * speed (measured; presumably the processor fetches ahead of one stream a page). Short bf16 rows, which cost more to compute than
 * to read, go by pairs.
 */
import { stored, widened } from "./stored";
import { multiplyAdd, sumOfLanes } from "./vector";

const shortBytes: usize = 256;

// @ts-ignore: decorator
@inline
function byPairs<T>(stride: usize): bool {
  return sizeof<T>() < 4 && stride <= shortBytes;
}

/** into[row] += Σ_i rows[row][i] · vector[i]; length is a multiple of 16. */
export function addDots<T>(from: usize, stride: usize, rows: i32, length: i32, vector: usize, into: usize): void {
  let row = 0;
  if (byPairs<T>(stride)) {
    for (; row + 2 <= rows; row += 2) {
      addTwoDots<T>(from, from + stride, length, vector, into);
      from += 2 * stride;
      into += 8;
    }
  }
  for (; row < rows; row++) {
    store<f32>(into, load<f32>(into) + dotOne<T>(from, length, vector));
    from += stride;
    into += 4;
  }
}

// @ts-ignore: decorator
@inline
function dotOne<T>(p: usize, length: i32, vector: usize): f32 {
  const end = vector + (<usize>length << 2);
  let a = f32x4.splat(0);
  let b = f32x4.splat(0);
  let c = f32x4.splat(0);
  let d = f32x4.splat(0);
  for (let q = vector; q < end; q += 64) {
    const s0 = stored<T>(p, 0);
    const s1 = sizeof<T>() == 4 ? stored<T>(p, 1) : s0;
    const s2 = stored<T>(p, 2);
    const s3 = sizeof<T>() == 4 ? stored<T>(p, 3) : s2;
    a = multiplyAdd(widened<T>(s0, 0), v128.load(q), a);
    b = multiplyAdd(widened<T>(s1, 1), v128.load(q, 16), b);
    c = multiplyAdd(widened<T>(s2, 2), v128.load(q, 32), c);
    d = multiplyAdd(widened<T>(s3, 3), v128.load(q, 48), d);
    p += 16 * sizeof<T>();
  }
  return sumOfLanes(f32x4.add(f32x4.add(a, b), f32x4.add(c, d)));
}

/** Two rows share what is loaded of the vector. */
// @ts-ignore: decorator
@inline
function addTwoDots<T>(p: usize, r: usize, length: i32, vector: usize, into: usize): void {
  const end = vector + (<usize>length << 2);
  let a = f32x4.splat(0);
  let b = f32x4.splat(0);
  let c = f32x4.splat(0);
  let d = f32x4.splat(0);
  for (let q = vector; q < end; q += 64) {
    const s0 = stored<T>(p, 0);
    const s1 = sizeof<T>() == 4 ? stored<T>(p, 1) : s0;
    const t0 = stored<T>(r, 0);
    const t1 = sizeof<T>() == 4 ? stored<T>(r, 1) : t0;
    const q0 = v128.load(q);
    const q1 = v128.load(q, 16);
    a = multiplyAdd(widened<T>(s0, 0), q0, a);
    b = multiplyAdd(widened<T>(s1, 1), q1, b);
    c = multiplyAdd(widened<T>(t0, 0), q0, c);
    d = multiplyAdd(widened<T>(t1, 1), q1, d);
    const s2 = stored<T>(p, 2);
    const s3 = sizeof<T>() == 4 ? stored<T>(p, 3) : s2;
    const t2 = stored<T>(r, 2);
    const t3 = sizeof<T>() == 4 ? stored<T>(r, 3) : t2;
    const q2 = v128.load(q, 32);
    const q3 = v128.load(q, 48);
    a = multiplyAdd(widened<T>(s2, 2), q2, a);
    b = multiplyAdd(widened<T>(s3, 3), q3, b);
    c = multiplyAdd(widened<T>(t2, 2), q2, c);
    d = multiplyAdd(widened<T>(t3, 3), q3, d);
    p += 16 * sizeof<T>();
    r += 16 * sizeof<T>();
  }
  store<f32>(into, load<f32>(into) + sumOfLanes(f32x4.add(a, b)));
  store<f32>(into, load<f32>(into, 4) + sumOfLanes(f32x4.add(c, d)), 4);
}

/** sum[i] += Σ_row factor[row] · rows[row][i]; short rows two at a time, so that the sum is read and written half as often. */
export function addRows<T>(from: usize, stride: usize, rows: i32, length: i32, factors: usize, sum: usize): void {
  const end = sum + (<usize>length << 2);
  let row = 0;
  if (byPairs<T>(stride)) {
    for (; row + 2 <= rows; row += 2) {
      const f = v128.load32_splat(factors);
      const g = v128.load32_splat(factors, 4);
      let p = from;
      let q = from + stride;
      for (let to = sum; to < end; to += 64) {
        const s0 = stored<T>(p, 0);
        const s1 = sizeof<T>() == 4 ? stored<T>(p, 1) : s0;
        const s2 = stored<T>(p, 2);
        const s3 = sizeof<T>() == 4 ? stored<T>(p, 3) : s2;
        const t0 = stored<T>(q, 0);
        const t1 = sizeof<T>() == 4 ? stored<T>(q, 1) : t0;
        const t2 = stored<T>(q, 2);
        const t3 = sizeof<T>() == 4 ? stored<T>(q, 3) : t2;
        const a = multiplyAdd(f, widened<T>(s0, 0), v128.load(to));
        const b = multiplyAdd(f, widened<T>(s1, 1), v128.load(to, 16));
        const c = multiplyAdd(f, widened<T>(s2, 2), v128.load(to, 32));
        const d = multiplyAdd(f, widened<T>(s3, 3), v128.load(to, 48));
        v128.store(to, multiplyAdd(g, widened<T>(t0, 0), a));
        v128.store(to, multiplyAdd(g, widened<T>(t1, 1), b), 16);
        v128.store(to, multiplyAdd(g, widened<T>(t2, 2), c), 32);
        v128.store(to, multiplyAdd(g, widened<T>(t3, 3), d), 48);
        p += 16 * sizeof<T>();
        q += 16 * sizeof<T>();
      }
      from += 2 * stride;
      factors += 8;
    }
  }
  for (; row < rows; row++) {
    const f = v128.load32_splat(factors);
    let p = from;
    for (let to = sum; to < end; to += 64) {
      const s0 = stored<T>(p, 0);
      const s1 = sizeof<T>() == 4 ? stored<T>(p, 1) : s0;
      const s2 = stored<T>(p, 2);
      const s3 = sizeof<T>() == 4 ? stored<T>(p, 3) : s2;
      v128.store(to, multiplyAdd(f, widened<T>(s0, 0), v128.load(to)));
      v128.store(to, multiplyAdd(f, widened<T>(s1, 1), v128.load(to, 16)), 16);
      v128.store(to, multiplyAdd(f, widened<T>(s2, 2), v128.load(to, 32)), 32);
      v128.store(to, multiplyAdd(f, widened<T>(s3, 3), v128.load(to, 48)), 48);
      p += 16 * sizeof<T>();
    }
    from += stride;
    factors += 4;
  }
}
