/**
 * Rotary embedding in place: element i of a vector is turned with element i + r/2, x' = x cos − y sin, y' = x sin + y cos.
 * Cosines and sines come from a table [T, r/2], since WGSL's are only good near 0.
 * Source: Su et al. 2021, equation 34, halves paired as GPT-NeoX does.
 */
import type { VectorPlaces } from "./normalization-kernel.ts";
import { type WgslKernel, wgslKernel } from "./wgsl-kernel.ts";

export interface RotaryShape {
  readonly vectors: number;
  readonly headDim: number;
  /** r, even. */
  readonly rotaryDim: number;
  readonly places: VectorPlaces;
}

const threads = 64;

export function rotaryKernel({ vectors, headDim, rotaryDim, places }: RotaryShape): WgslKernel {
  const half = rotaryDim / 2;
  return wgslKernel({
    name: "rotary embedding",
    threads,
    bindings: [
      { name: "elements", access: "read_write", element: "f32" },
      { name: "turns", access: "read", element: "vec2<f32>" },
    ],
    body: `let index = group * ${threads}u + thread;
  if (index >= ${vectors * half}u) { return; }
  let vector = index / ${half}u;
  let i = index % ${half}u;
  let token = vector / ${places.each}u;
  let at = token * ${places.tokenStride}u + ${places.first}u + vector % ${places.each}u * ${headDim}u + i;
  let turn = turns[token * ${half}u + i];
  let x = elements[at];
  let y = elements[at + ${half}u];
  elements[at] = x * turn.x - y * turn.y;
  elements[at + ${half}u] = x * turn.y + y * turn.x;`,
  });
}

/** Workgroups of the kernel. */
export function rotaryWorkgroups({ vectors, rotaryDim }: RotaryShape): number {
  return Math.ceil((vectors * rotaryDim) / 2 / threads);
}

/** Cosine and sine of position · base^(−2i/r), [T, r/2, 2]. */
export function rotaryTurns(positions: readonly number[], rotaryDim: number, base: number): Float32Array {
  const half = rotaryDim / 2;
  const turns = new Float32Array(positions.length * rotaryDim);
  positions.forEach((position, token) => {
    for (let i = 0; i < half; i++) {
      const angle = position * base ** (-i / half);
      turns.set([Math.cos(angle), Math.sin(angle)], 2 * (token * half + i));
    }
  });
  return turns;
}
