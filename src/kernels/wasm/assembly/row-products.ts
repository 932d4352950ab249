/**
 * One vector against many rows: what a decode step of one query head a K/V head, or of one token, is made of. Rows are read one
 * after the other, in memory's order: two at a time, 512 bytes apart, came at a third of the speed (measured; presumably
 * the processor fetches ahead of one stream a page and not of two).
 */
import { multiplyAdd, sumOfLanes } from "./vector";
import { stored, widened } from "./stored";

/** into[row] = Σ_i rows[row][i] · vector[i], times the row's scale where there is one; length is a multiple of 16. */
export function dotRows<T>(
  from: usize,
  stride: usize,
  rows: i32,
  length: i32,
  vector: usize,
  scales: usize,
  into: usize,
): void {
  const end = vector + (<usize>length << 2);
  for (let row = 0; row < rows; row++) {
    let a = f32x4.splat(0);
    let b = f32x4.splat(0);
    let c = f32x4.splat(0);
    let d = f32x4.splat(0);
    let p = from;
    for (let q = vector; q < end; q += 64) {
      const s0 = stored<T>(p, 0);
      const s1 = sizeof<T>() == 4 ? stored<T>(p, 1) : s0;
      const s2 = sizeof<T>() == 1 ? s0 : stored<T>(p, 2);
      const s3 = sizeof<T>() == 4 ? stored<T>(p, 3) : s2;
      a = multiplyAdd(widened<T>(s0, 0), v128.load(q), a);
      b = multiplyAdd(widened<T>(s1, 1), v128.load(q, 16), b);
      c = multiplyAdd(widened<T>(s2, 2), v128.load(q, 32), c);
      d = multiplyAdd(widened<T>(s3, 3), v128.load(q, 48), d);
      p += 16 * sizeof<T>();
    }
    storeScaled<T>(into, scales, row, sumOfLanes(f32x4.add(f32x4.add(a, b), f32x4.add(c, d))));
    from += stride;
  }
}

// @ts-ignore: decorator
@inline
function storeScaled<T>(into: usize, scales: usize, row: i32, sum: f32): void {
  const offset = <usize>row << 2;
  store<f32>(into + offset, sizeof<T>() == 1 ? sum * load<f32>(scales + offset) : sum);
}

/** sum[i] += Σ_row factor[row] · rows[row][i]; short rows two at a time, so that the sum is read and written half as often. */
export function addRows<T>(from: usize, stride: usize, rows: i32, length: i32, factors: usize, sum: usize): void {
  const end = sum + (<usize>length << 2);
  let row = 0;
  if (sizeof<T>() < 4 && stride <= 256) {
    for (; row + 2 <= rows; row += 2) {
      const f = v128.load32_splat(factors);
      const g = v128.load32_splat(factors, 4);
      let p = from;
      let q = from + stride;
      for (let to = sum; to < end; to += 64) {
        const s0 = stored<T>(p, 0);
        const s2 = sizeof<T>() == 1 ? s0 : stored<T>(p, 2);
        const t0 = stored<T>(q, 0);
        const t2 = sizeof<T>() == 1 ? t0 : stored<T>(q, 2);
        const a = multiplyAdd(f, widened<T>(s0, 0), v128.load(to));
        const b = multiplyAdd(f, widened<T>(s0, 1), v128.load(to, 16));
        const c = multiplyAdd(f, widened<T>(s2, 2), v128.load(to, 32));
        const d = multiplyAdd(f, widened<T>(s2, 3), v128.load(to, 48));
        v128.store(to, multiplyAdd(g, widened<T>(t0, 0), a));
        v128.store(to, multiplyAdd(g, widened<T>(t0, 1), b), 16);
        v128.store(to, multiplyAdd(g, widened<T>(t2, 2), c), 32);
        v128.store(to, multiplyAdd(g, widened<T>(t2, 3), d), 48);
        p += 16 * sizeof<T>();
        q += 16 * sizeof<T>();
      }
      from += 2 * stride;
      factors += 8;
    }
  }
  for (; row < rows; row++) {
    const f0 = v128.load32_splat(factors);
    let p = from;
    for (let to = sum; to < end; to += 64) {
      const s0 = stored<T>(p, 0);
      const s1 = sizeof<T>() == 4 ? stored<T>(p, 1) : s0;
      const s2 = sizeof<T>() == 1 ? s0 : stored<T>(p, 2);
      const s3 = sizeof<T>() == 4 ? stored<T>(p, 3) : s2;
      v128.store(to, multiplyAdd(f0, widened<T>(s0, 0), v128.load(to)));
      v128.store(to, multiplyAdd(f0, widened<T>(s1, 1), v128.load(to, 16)), 16);
      v128.store(to, multiplyAdd(f0, widened<T>(s2, 2), v128.load(to, 32)), 32);
      v128.store(to, multiplyAdd(f0, widened<T>(s3, 3), v128.load(to, 48)), 48);
      p += 16 * sizeof<T>();
    }
    from += stride;
    factors += 4;
  }
}
