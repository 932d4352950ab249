/** A block of rows times four queries' weights, added to their sums: four queries by eight elements in registers, as in scores-of-four.ts. */
import { touch } from "./fours";
import { stored, widened } from "./stored";
import { multiplyAdd } from "./vector";

/**
 * sums[vector][i] += Σ_row factors[row][vector] · rows[row][i] for four vectors, eight elements at a time down all rows, which
 * must therefore be in the cache. Sums lie as [length / 8][4 vectors][8]; separateFours parts them.
 * @param ahead as for scoresOfFour
 * @param share the same; touched after every eight elements
 */
export function addToFour<T>(
  from: usize,
  stride: usize,
  rows: i32,
  length: i32,
  factors: usize,
  sums: usize,
  ahead: usize,
  share: usize,
): void {
  // bf16 in registers is for one four only (attention-by-fours.ts): no code for its shares.
  if (sizeof<T>() == 2 || share == 0) addTo<T>(from, stride, rows, length, factors, sums, true, ahead, 0);
  else addTo<T>(from, stride, rows, length, factors, sums, false, ahead, share);
}

// @ts-ignore: decorator
@inline
function addTo<T>(
  from: usize,
  stride: usize,
  rows: i32,
  length: i32,
  factors: usize,
  sums: usize,
  eachStep: bool,
  ahead: usize,
  share: usize,
): void {
  const part = eachStep ? 0 : 8 * share / <usize>length;
  const last = factors + (<usize>(rows & ~3) << 4);
  const end = factors + (<usize>rows << 4);
  for (let to = sums, above = sums + (<usize>length << 4); to < above; to += 128) {
    let s00 = v128.load(to);
    let s01 = v128.load(to, 16);
    let s10 = v128.load(to, 32);
    let s11 = v128.load(to, 48);
    let s20 = v128.load(to, 64);
    let s21 = v128.load(to, 80);
    let s30 = v128.load(to, 96);
    let s31 = v128.load(to, 112);
    let p = from;
    let f = factors;
    while (f < last) {
      if (eachStep) load<u8>(ahead);
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
        f += 16;
      }
      // Never so, nor those below; they part the steps.
      if (f == 0) break;
      if (eachStep) load<u8>(ahead, 8 * sizeof<T>());
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
        f += 16;
      }
      if (p == 0) break;
      if (eachStep) load<u8>(ahead, 16 * sizeof<T>());
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
        f += 16;
      }
      if (f == 0) break;
      if (eachStep) load<u8>(ahead, 24 * sizeof<T>());
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
        f += 16;
      }
      if (eachStep) ahead += 32 * sizeof<T>();
    }
    while (f < end) {
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
        f += 16;
      }
    }
    if (!eachStep) {
      touch(ahead, part);
      ahead += part;
    }
    v128.store(to, s00);
    v128.store(to, s01, 16);
    v128.store(to, s10, 32);
    v128.store(to, s11, 48);
    v128.store(to, s20, 64);
    v128.store(to, s21, 80);
    v128.store(to, s30, 96);
    v128.store(to, s31, 112);
    from += 8 * sizeof<T>();
  }
}
