/** The small operations, on the calling thread; addresses and counts are job words in the order of each function's use. */
import { address, word } from "./job";
import { multiplyAdd, powerOfTwo, sumOfLanes } from "./vector";

const log2e: f32 = 1.4426950408889634;

/** 1 kind (0 rms, 1 layer or plain), 2 vectors, 3 features, 4 epsilon, 5 input, 6 output, 7 weight (0: none), 8 bias (0: none). */
export function normalize(): void {
  const features = word(3);
  const bytes = <usize>features << 2;
  const whole = bytes & ~15;
  const epsilon = reinterpret<f32>(word(4));
  const weight = address(7);
  const bias = address(8);
  for (let vector = 0; vector < word(2); vector++) {
    const x = address(5) + <usize>vector * bytes;
    const y = address(6) + <usize>vector * bytes;
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

/** 1 vectors, 2 heads a token, 3 head size, 4 r / 2, 5 input, 6 output, 7 cosines, 8 sines, both [T, r / 2]. */
export function rotate(): void {
  const width = address(3) << 2;
  const half = address(4) << 2;
  for (let vector = 0; vector < word(1); vector++) {
    const x = address(5) + <usize>vector * width;
    const y = address(6) + <usize>vector * width;
    const angles = <usize>(vector / word(2)) * half;
    memory.copy(y, x, width);
    for (let i: usize = 0; i < half; i += 4) {
      const c = load<f32>(address(7) + angles + i);
      const s = load<f32>(address(8) + angles + i);
      const a = load<f32>(x + i);
      const b = load<f32>(x + half + i);
      store<f32>(y + i, a * c - b * s);
      store<f32>(y + half + i, a * s + b * c);
    }
  }
}

/** 1 kind (0 silu, 1 gelu, 2 relu), 2 tokens, 3 features, 4 gated, 5 input, 6 output; features are padded to fours. */
export function activate(): void {
  const bytes = address(3) << 2;
  const gated = word(4) != 0;
  for (let token = 0; token < word(2); token++) {
    const x = address(5) + <usize>token * (gated ? 2 * bytes : bytes);
    const y = address(6) + <usize>token * bytes;
    for (let i: usize = 0; i < bytes; i += 16) {
      const v = v128.load(x + i);
      let f = word(1) == 0 ? silu(v) : word(1) == 1 ? gelu(v) : f32x4.max(f32x4.splat(0), v);
      if (gated) f = f32x4.mul(f, v128.load(x + bytes + i));
      v128.store(y + i, f);
    }
  }
}

/** x / (1 + e^−x); the exponent stops at 2^126, where the quotient is nought to float32. */
function silu(x: v128): v128 {
  const power = f32x4.pmin(f32x4.splat(126), f32x4.mul(x, f32x4.splat(-log2e)));
  return f32x4.div(x, f32x4.add(f32x4.splat(1), powerOfTwo(power)));
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

/** 1 elements, padded to fours, 2 x, 3 y, 4 output. */
export function addResidual(): void {
  const bytes = address(1) << 2;
  for (let i: usize = 0; i < bytes; i += 16) {
    v128.store(address(4) + i, f32x4.add(v128.load(address(2) + i), v128.load(address(3) + i)));
  }
}

/** 1 copies, 2 bytes each, 3 their sources, 4 table of targets: new rows to the end of each sequence's. */
export function appendRows(): void {
  const bytes = address(2);
  for (let i = 0; i < word(1); i++) {
    memory.copy(load<usize>(address(4) + (<usize>i << 2)), address(3) + <usize>i * bytes, bytes);
  }
}
