/** What this machine gives a plain SIMD loop: reading memory, and multiply-adds in registers. */
import { address, takeTask, word } from "./job";
import { multiplyAdd, sumOfLanes } from "./vector";

/** 1 tasks, 2 bytes each (a multiple of 128), 3 buffer, 4 sums, one a task. */
export function readAll(): void {
  for (let task = takeTask(); task < word(1); task = takeTask()) {
    const sum = sumOf(address(3) + <usize>task * address(2), address(2));
    store<f32>(address(4) + (<usize>task << 2), sum);
  }
}

function sumOf(from: usize, bytes: usize): f32 {
  let a = f32x4.splat(0);
  let b = f32x4.splat(0);
  let c = f32x4.splat(0);
  let d = f32x4.splat(0);
  for (let i: usize = 0; i < bytes; i += 128) {
    const p = from + i;
    a = f32x4.add(a, v128.load(p));
    b = f32x4.add(b, v128.load(p, 16));
    c = f32x4.add(c, v128.load(p, 32));
    d = f32x4.add(d, v128.load(p, 48));
    a = f32x4.add(a, v128.load(p, 64));
    b = f32x4.add(b, v128.load(p, 80));
    c = f32x4.add(c, v128.load(p, 96));
    d = f32x4.add(d, v128.load(p, 112));
  }
  return sumOfLanes(f32x4.add(f32x4.add(a, b), f32x4.add(c, d)));
}

/** 1 tasks, 2 rounds each of 48 multiply-adds (4 lanes of 12 chains), 4 sums, one a task. */
export function multiplyAddAll(): void {
  for (let task = takeTask(); task < word(1); task = takeTask()) {
    store<f32>(address(4) + (<usize>task << 2), multiplyAdds(word(2)));
  }
}

function multiplyAdds(rounds: i32): f32 {
  const x = f32x4.splat(0.999);
  const y = f32x4.splat(0.001);
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
