/** What this machine gives a plain loop: memory read and written in order, and multiply-adds on operands in registers. */
import { address, takeTask, word } from "./job";
import { stored, widened } from "./stored";
import { multiplyAdd, sumOfLanes } from "./vector";

/**
 * Words: 1 kind (0 read, 1 write, 2 copy, 3 triad), 2 passes, 3 parts, 4 bytes a part (a multiple of 256), 5 taken by tasks or (0) a
 * part a thread, 6, 7, 8 arrays, 9 sums, one a part. Parts of a thread's own stay in its cache from pass to pass; a set beyond the
 * caches is shared out as threads come free.
 */
export function stream(thread: i32): void {
  if (word(5) == 0) {
    for (let pass = 0; pass < word(2); pass++) streamPart(thread);
    return;
  }
  const tasks = word(2) * word(3);
  for (let task = takeTask(); task < tasks; task = takeTask()) streamPart(task % word(3));
}

function streamPart(part: i32): void {
  const bytes = address(4);
  const offset = <usize>part * bytes;
  const kind = word(1);
  const first = address(6) + offset;
  if (kind == 0) store<f32>(address(9) + (<usize>part << 2), sumOf(first, bytes));
  else if (kind == 1) memory.fill(first, 1, bytes);
  else if (kind == 2) memory.copy(first, address(7) + offset, bytes);
  else addThrice(first, address(7) + offset, address(8) + offset, bytes);
}

/** Eight sums hide an addition's latency; one stream in order, since memory is slower to two or four (measured: by a fifth). */
function sumOf(from: usize, bytes: usize): f32 {
  let a = f32x4.splat(0);
  let b = f32x4.splat(0);
  let c = f32x4.splat(0);
  let d = f32x4.splat(0);
  let e = f32x4.splat(0);
  let f = f32x4.splat(0);
  let g = f32x4.splat(0);
  let h = f32x4.splat(0);
  const end = from + bytes;
  for (let p = from; p < end; p += 256) {
    a = f32x4.add(a, v128.load(p));
    b = f32x4.add(b, v128.load(p, 16));
    c = f32x4.add(c, v128.load(p, 32));
    d = f32x4.add(d, v128.load(p, 48));
    e = f32x4.add(e, v128.load(p, 64));
    f = f32x4.add(f, v128.load(p, 80));
    g = f32x4.add(g, v128.load(p, 96));
    h = f32x4.add(h, v128.load(p, 112));
    a = f32x4.add(a, v128.load(p, 128));
    b = f32x4.add(b, v128.load(p, 144));
    c = f32x4.add(c, v128.load(p, 160));
    d = f32x4.add(d, v128.load(p, 176));
    e = f32x4.add(e, v128.load(p, 192));
    f = f32x4.add(f, v128.load(p, 208));
    g = f32x4.add(g, v128.load(p, 224));
    h = f32x4.add(h, v128.load(p, 240));
  }
  const left = f32x4.add(f32x4.add(a, b), f32x4.add(c, d));
  return sumOfLanes(f32x4.add(left, f32x4.add(f32x4.add(e, f), f32x4.add(g, h))));
}

/** a = b + 3 c. */
function addThrice(to: usize, from: usize, thrice: usize, bytes: usize): void {
  const three = f32x4.splat(3);
  const end = to + bytes;
  while (to < end) {
    v128.store(to, multiplyAdd(three, v128.load(thrice), v128.load(from)));
    v128.store(to, multiplyAdd(three, v128.load(thrice, 16), v128.load(from, 16)), 16);
    v128.store(to, multiplyAdd(three, v128.load(thrice, 32), v128.load(from, 32)), 32);
    v128.store(to, multiplyAdd(three, v128.load(thrice, 48), v128.load(from, 48)), 48);
    to += 64;
    from += 64;
    thrice += 64;
  }
}

/**
 * Words: 1 format, 2 tasks, 3 rounds of 96 multiply-adds each, 4 operands (2 KiB, in each thread's first cache), 5 sums, one a task.
 * What is stored narrow is widened in registers, as in the kernels: bf16 to float32, int8 to 16-bit integers, which are multiplied as such
 * (int8-products.ts). It serves six or twelve times then, somewhat more than in the kernels, so that none is above its ceiling.
 */
export function multiplyAddAll(): void {
  const format = word(1);
  for (let task = takeTask(); task < word(2); task = takeTask()) {
    const sum: f32 =
      format == 0 ? multiplyAdds<f32>(word(3)) : format == 1 ? multiplyAdds<u16>(word(3)) : integerMultiplyAdds(word(3));
    store<f32>(address(5) + (<usize>task << 2), sum);
  }
}

/** Two times eight int8, each by six times eight 16-bit integers. */
function integerMultiplyAdds(rounds: i32): f32 {
  const operands = address(4);
  let a = i32x4.splat(0);
  let b = i32x4.splat(0);
  let c = i32x4.splat(0);
  let d = i32x4.splat(0);
  let e = i32x4.splat(0);
  let f = i32x4.splat(0);
  for (let round = 0; round < rounds; round++) {
    const at = operands + (<usize>(round & 63) << 4);
    const x = v128.load_ext<i8>(at);
    const y = v128.load_ext<i8>(at, 8);
    a = i32x4.add(i32x4.dot_i16x8_s(x, v128.load(at, 16)), a);
    b = i32x4.add(i32x4.dot_i16x8_s(x, v128.load(at, 32)), b);
    c = i32x4.add(i32x4.dot_i16x8_s(x, v128.load(at, 48)), c);
    d = i32x4.add(i32x4.dot_i16x8_s(x, v128.load(at, 64)), d);
    e = i32x4.add(i32x4.dot_i16x8_s(x, v128.load(at, 80)), e);
    f = i32x4.add(i32x4.dot_i16x8_s(x, v128.load(at, 96)), f);
    a = i32x4.add(i32x4.dot_i16x8_s(y, v128.load(at, 112)), a);
    b = i32x4.add(i32x4.dot_i16x8_s(y, v128.load(at, 128)), b);
    c = i32x4.add(i32x4.dot_i16x8_s(y, v128.load(at, 144)), c);
    d = i32x4.add(i32x4.dot_i16x8_s(y, v128.load(at, 160)), d);
    e = i32x4.add(i32x4.dot_i16x8_s(y, v128.load(at, 176)), e);
    f = i32x4.add(i32x4.dot_i16x8_s(y, v128.load(at, 192)), f);
  }
  const sums = i32x4.add(i32x4.add(i32x4.add(a, b), i32x4.add(c, d)), i32x4.add(e, f));
  return sumOfLanes(f32x4.convert_i32x4_s(sums));
}

/** Twelve chains: as many as hide a multiplication's and an addition's latency on two units each. */
function multiplyAdds<T>(rounds: i32): f32 {
  const operands = address(4);
  const y = f32x4.splat(0.001);
  let x = f32x4.splat(0.999);
  let a = f32x4.splat(1);
  let b = f32x4.splat(2);
  let c = f32x4.splat(3);
  let d = f32x4.splat(4);
  let e = f32x4.splat(5);
  let f = f32x4.splat(6);
  let g = f32x4.splat(7);
  let h = f32x4.splat(8);
  let i = f32x4.splat(9);
  let j = f32x4.splat(10);
  let k = f32x4.splat(11);
  let l = f32x4.splat(12);
  for (let round = 0; round < rounds; round++) {
    const at = operands + (<usize>(round & 63) << 4);
    if (sizeof<T>() < 4) x = widened<T>(stored<T>(at, 0), 0);
    a = multiplyAdd(a, x, y);
    b = multiplyAdd(b, x, y);
    c = multiplyAdd(c, x, y);
    d = multiplyAdd(d, x, y);
    e = multiplyAdd(e, x, y);
    f = multiplyAdd(f, x, y);
    g = multiplyAdd(g, x, y);
    h = multiplyAdd(h, x, y);
    i = multiplyAdd(i, x, y);
    j = multiplyAdd(j, x, y);
    k = multiplyAdd(k, x, y);
    l = multiplyAdd(l, x, y);
    // Widened only now, and bf16 by shifts, which want no zero beside: the chains would not fit into fifteen registers.
    if (sizeof<T>() == 2) x = i32x4.shl(i32x4.shr_u(v128.load(at), 16), 16);
    a = multiplyAdd(a, x, y);
    b = multiplyAdd(b, x, y);
    c = multiplyAdd(c, x, y);
    d = multiplyAdd(d, x, y);
    e = multiplyAdd(e, x, y);
    f = multiplyAdd(f, x, y);
    g = multiplyAdd(g, x, y);
    h = multiplyAdd(h, x, y);
    i = multiplyAdd(i, x, y);
    j = multiplyAdd(j, x, y);
    k = multiplyAdd(k, x, y);
    l = multiplyAdd(l, x, y);
  }
  const p = f32x4.add(f32x4.add(a, b), f32x4.add(c, d));
  const q = f32x4.add(f32x4.add(e, f), f32x4.add(g, h));
  const r = f32x4.add(f32x4.add(i, j), f32x4.add(k, l));
  return sumOfLanes(f32x4.add(f32x4.add(p, q), r));
}
