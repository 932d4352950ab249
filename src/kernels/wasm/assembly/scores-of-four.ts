/**
 * Four queries against a block of rows: scores, a lane a query. Two rows by four queries in registers; rows are read where they
 * lie, once for all four. V8 puts all loads of a stretch without branches first, and two steps' would not fit its registers, so a
 * branch stands between steps; four steps a round, since what a loop adds is what the processor has no room left for.
 */
import { touch } from "./fours";
import { stored, widened } from "./stored";
import { multiplyAdd, sumsOfLanes } from "./vector";

/**
 * into[row][vector] = Σ_i rows[row][i] · vector[i] for four vectors; with an odd number of rows, one row of `into` more is written.
 * @param fours the vectors, as interleaveFours lays them
 * @param ahead a block as large as the rows, or this four's share of it, brought into the cache meanwhile
 * @param share bytes of the share, of which some are touched after every two rows; 0 for the whole block, a touch a step
 */
export function scoresOfFour<T>(
  from: usize,
  stride: usize,
  rows: i32,
  length: i32,
  fours: usize,
  into: usize,
  ahead: usize,
  share: usize,
): void {
  const even = rows & ~1;
  if (even != 0) {
    // bf16 in registers is for one four only (attention-by-fours.ts): no code for its shares.
    if (sizeof<T>() == 2 || share == 0) scores<T>(from, stride, even, length, fours, into, true, ahead, 0);
    else scores<T>(from, stride, even, length, fours, into, false, ahead, share);
  }
  if (even < rows) lastScores<T>(from + <usize>even * stride, length, fours, into + (<usize>even << 4));
}

/** One row, as if there were another like it. */
function lastScores<T>(from: usize, length: i32, fours: usize, into: usize): void {
  scores<T>(from, 0, 2, length, fours, into, false, 0, 0);
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
  eachStep: bool,
  ahead: usize,
  share: usize,
): void {
  const end = fours + (<usize>length << 4);
  const part = eachStep ? 0 : 2 * share / <usize>rows;
  for (const last = into + (<usize>rows << 4); into < last; into += 32) {
    let p = from;
    let q = fours;
    let a0 = f32x4.splat(0);
    let a1 = f32x4.splat(0);
    let a2 = f32x4.splat(0);
    let a3 = f32x4.splat(0);
    let b0 = f32x4.splat(0);
    let b1 = f32x4.splat(0);
    let b2 = f32x4.splat(0);
    let b3 = f32x4.splat(0);
    do {
      const r = p + stride;
      if (eachStep) load<u8>(ahead);
      const s0 = stored<T>(p, 0);
      const t0 = stored<T>(r, 0);
      {
        const x = widened<T>(s0, 0);
        const y = widened<T>(t0, 0);
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
      // Never so, nor those below; they part the steps.
      if (q == 0) break;
      if (eachStep) load<u8>(ahead, 8 * sizeof<T>());
      {
        const x = widened<T>(sizeof<T>() == 4 ? stored<T>(p, 1) : s0, 1);
        const y = widened<T>(sizeof<T>() == 4 ? stored<T>(r, 1) : t0, 1);
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
      }
      if (p == 0) break;
      if (eachStep) load<u8>(ahead, 16 * sizeof<T>());
      const s2 = stored<T>(p, 2);
      const t2 = stored<T>(r, 2);
      {
        const x = widened<T>(s2, 2);
        const y = widened<T>(t2, 2);
        const v0 = v128.load(q, 128);
        const v1 = v128.load(q, 144);
        const v2 = v128.load(q, 160);
        const v3 = v128.load(q, 176);
        a0 = multiplyAdd(x, v0, a0);
        b0 = multiplyAdd(y, v0, b0);
        a1 = multiplyAdd(x, v1, a1);
        b1 = multiplyAdd(y, v1, b1);
        a2 = multiplyAdd(x, v2, a2);
        b2 = multiplyAdd(y, v2, b2);
        a3 = multiplyAdd(x, v3, a3);
        b3 = multiplyAdd(y, v3, b3);
      }
      if (r == 0) break;
      if (eachStep) load<u8>(ahead, 24 * sizeof<T>());
      {
        const x = widened<T>(sizeof<T>() == 4 ? stored<T>(p, 3) : s2, 3);
        const y = widened<T>(sizeof<T>() == 4 ? stored<T>(r, 3) : t2, 3);
        const v0 = v128.load(q, 192);
        const v1 = v128.load(q, 208);
        const v2 = v128.load(q, 224);
        const v3 = v128.load(q, 240);
        a0 = multiplyAdd(x, v0, a0);
        b0 = multiplyAdd(y, v0, b0);
        a1 = multiplyAdd(x, v1, a1);
        b1 = multiplyAdd(y, v1, b1);
        a2 = multiplyAdd(x, v2, a2);
        b2 = multiplyAdd(y, v2, b2);
        a3 = multiplyAdd(x, v3, a3);
        b3 = multiplyAdd(y, v3, b3);
      }
      p += 16 * sizeof<T>();
      if (eachStep) ahead += 32 * sizeof<T>();
      q += 256;
    } while (q < end);
    v128.store(into, sumsOfLanes(a0, a1, a2, a3));
    v128.store(into, sumsOfLanes(b0, b1, b2, b3), 16);
    from += 2 * stride;
    if (!eachStep) {
      touch(ahead, part);
      ahead += part;
    }
  }
}
