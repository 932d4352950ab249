/**
 * The small operations. Addresses and counts are job words in the order of each function's use; strides are bytes, from a token's
 * to the next and from a vector of a token to the next; the last word is how many threads share the work (each takes a stretch).
 */
import { address, shareOf, word } from "./job";
import { multiplyAdd, powerOfTwo, sumOfLanes } from "./vector";

const log2e: f32 = 1.4426950408889634;

/**
 * 1 kind (0 rms, 1 layer or plain), 2 vectors, 3 vectors a token, 4 features, 5 epsilon, 6 input, 7 and 8 its strides, 9 output, 10 and 11
 * its strides, 12 weight (0: none), 13 bias (0: none), 14 threads.
 */
export function normalize(thread: i32): void {
  const features = word(4);
  const bytes = <usize>features << 2;
  const whole = bytes & ~15;
  const epsilon = reinterpret<f32>(word(5));
  const weight = address(12);
  const bias = address(13);
  const end = shareOf(word(2), thread + 1, word(14));
  for (let vector = shareOf(word(2), thread, word(14)); vector < end; vector++) {
    const token = <usize>(vector / word(3));
    const inner = <usize>(vector % word(3));
    const x = address(6) + token * address(7) + inner * address(8);
    const y = address(9) + token * address(10) + inner * address(11);
    const mean: f32 = word(1) == 0 ? 0 : sum(x, whole, bytes) / <f32>features;
    const scale: f32 = 1 / sqrt(squares(x, whole, bytes, mean) / <f32>features + epsilon);
    const m = f32x4.splat(mean);
    const s = f32x4.splat(scale);
    for (let i: usize = 0; i < whole; i += 16) {
      let v = f32x4.mul(f32x4.sub(v128.load(x + i), m), s);
      if (weight != 0) v = f32x4.mul(v, v128.load(weight + i));
      if (bias != 0) v = f32x4.add(v, v128.load(bias + i));
      v128.store(y + i, v);
    }
    for (let i = whole; i < bytes; i += 4) {
      let v: f32 = (load<f32>(x + i) - mean) * scale;
      if (weight != 0) v *= load<f32>(weight + i);
      if (bias != 0) v += load<f32>(bias + i);
      store<f32>(y + i, v);
    }
  }
}

function sum(x: usize, whole: usize, bytes: usize): f32 {
  let total = f32x4.splat(0);
  for (let i: usize = 0; i < whole; i += 16) total = f32x4.add(total, v128.load(x + i));
  let result = sumOfLanes(total);
  for (let i = whole; i < bytes; i += 4) result += load<f32>(x + i);
  return result;
}

function squares(x: usize, whole: usize, bytes: usize, mean: f32): f32 {
  const m = f32x4.splat(mean);
  let total = f32x4.splat(0);
  for (let i: usize = 0; i < whole; i += 16) {
    const v = f32x4.sub(v128.load(x + i), m);
    total = multiplyAdd(v, v, total);
  }
  let result = sumOfLanes(total);
  for (let i = whole; i < bytes; i += 4) {
    const v: f32 = load<f32>(x + i) - mean;
    result += v * v;
  }
  return result;
}

/**
 * 1 vectors, 2 vectors a token, 3 elements, 4 r / 2, 5 input, 6 and 7 its strides, 8 output, 9 and 10 its strides, 11 cosines and 12 sines, both
 * [T, r / 2], 13 a factor for all elements, 14 threads. The output may be the input.
 */
export function rotate(thread: i32): void {
  const half = address(4) << 2;
  const width = address(3) << 2;
  const factor = reinterpret<f32>(word(13));
  const end = shareOf(word(1), thread + 1, word(14));
  for (let vector = shareOf(word(1), thread, word(14)); vector < end; vector++) {
    const token = <usize>(vector / word(2));
    const inner = <usize>(vector % word(2));
    const x = address(5) + token * address(6) + inner * address(7);
    const y = address(8) + token * address(9) + inner * address(10);
    turn(x, y, half, address(11) + token * half, address(12) + token * half, factor);
    for (let i: usize = half << 1; i < width; i += 4) store<f32>(y + i, factor * load<f32>(x + i));
  }
}

function turn(x: usize, y: usize, half: usize, cosines: usize, sines: usize, factor: f32): void {
  let i: usize = 0;
  const f = f32x4.splat(factor);
  for (; i + 16 <= half; i += 16) {
    const c = f32x4.mul(f, v128.load(cosines + i));
    const s = f32x4.mul(f, v128.load(sines + i));
    const a = v128.load(x + i);
    const b = v128.load(x + half + i);
    v128.store(y + i, f32x4.sub(f32x4.mul(a, c), f32x4.mul(b, s)));
    v128.store(y + half + i, f32x4.add(f32x4.mul(a, s), f32x4.mul(b, c)));
  }
  for (; i < half; i += 4) {
    const c = factor * load<f32>(cosines + i);
    const s = factor * load<f32>(sines + i);
    const a = load<f32>(x + i);
    const b = load<f32>(x + half + i);
    store<f32>(y + i, a * c - b * s);
    store<f32>(y + half + i, a * s + b * c);
  }
}

/**
 * f(a), or f(a) · b: 1 kind (0 silu, 1 gelu, 2 relu, 3 sigmoid), 2 tokens, 3 features, 4 a, 5 its stride, 6 b (0: none), 7 its stride,
 * 8 output, 9 its stride, 10 threads. The output is padded with zeros to fours.
 */
export function activate(thread: i32): void {
  const fours = (word(3) + 3) >> 2;
  const first = <usize>shareOf(fours, thread, word(10)) << 4;
  const end = <usize>shareOf(fours, thread + 1, word(10)) << 4;
  const kind = word(1);
  for (let token = 0; token < word(2); token++) {
    const x = address(4) + <usize>token * address(5);
    const other: usize = address(6) == 0 ? 0 : address(6) + <usize>token * address(7);
    const y = address(8) + <usize>token * address(9);
    for (let i = first; i < end; i += 16) {
      const v = v128.load(x + i);
      let f = kind == 0 ? silu(v) : kind == 1 ? gelu(v) : kind == 2 ? f32x4.max(f32x4.splat(0), v) : sigmoid(v);
      if (other != 0) f = f32x4.mul(f, v128.load(other + i));
      v128.store(y + i, f);
    }
    clearTail(y, first, end, word(3));
  }
}

/** Zeros behind the last element, where the stretch has it. */
// @ts-ignore: decorator
@inline
function clearTail(y: usize, first: usize, end: usize, features: i32): void {
  for (let i = <usize>features << 2; i < end; i += 4) if (i >= first) store<f32>(y + i, 0);
}

/** x / (1 + e^−x). */
function silu(x: v128): v128 {
  return f32x4.mul(x, sigmoid(x));
}

/** 1 / (1 + e^−x); the exponent stops at 2^126, where the quotient is nought to float32. */
function sigmoid(x: v128): v128 {
  const power = f32x4.pmin(f32x4.splat(126), f32x4.mul(x, f32x4.splat(-log2e)));
  return f32x4.div(f32x4.splat(1), f32x4.add(f32x4.splat(1), powerOfTwo(power)));
}

/** x Φ(x), with erf by Abramowitz and Stegun 1964, 7.1.26 (absolute error below 1.5e-7). */
function gelu(x: v128): v128 {
  const z = f32x4.mul(f32x4.abs(x), f32x4.splat(0.7071067811865476));
  const t = f32x4.div(f32x4.splat(1), multiplyAdd(z, f32x4.splat(0.3275911), f32x4.splat(1)));
  let p = multiplyAdd(f32x4.splat(1.061405429), t, f32x4.splat(-1.453152027));
  p = multiplyAdd(p, t, f32x4.splat(1.421413741));
  p = multiplyAdd(p, t, f32x4.splat(-0.284496736));
  p = f32x4.mul(multiplyAdd(p, t, f32x4.splat(0.254829592)), t);
  const e = powerOfTwo(f32x4.mul(f32x4.mul(z, z), f32x4.splat(-log2e)));
  const tail = f32x4.mul(f32x4.mul(p, e), f32x4.splat(0.5));
  const below = f32x4.lt(x, f32x4.splat(0));
  return f32x4.mul(x, v128.bitselect(tail, f32x4.sub(f32x4.splat(1), tail), below));
}

/** 1 tokens, 2 features, 3 x, 4 its stride, 5 y, 6 its stride, 7 output, 8 its stride, 9 threads; padded with zeros as above. */
export function addResidual(thread: i32): void {
  const fours = (word(2) + 3) >> 2;
  const first = <usize>shareOf(fours, thread, word(9)) << 4;
  const end = <usize>shareOf(fours, thread + 1, word(9)) << 4;
  for (let token = 0; token < word(1); token++) {
    const x = address(3) + <usize>token * address(4);
    const y = address(5) + <usize>token * address(6);
    const to = address(7) + <usize>token * address(8);
    for (let i = first; i < end; i += 16) v128.store(to + i, f32x4.add(v128.load(x + i), v128.load(y + i)));
    clearTail(to, first, end, word(2));
  }
}
