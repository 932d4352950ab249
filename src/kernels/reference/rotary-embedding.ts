/**
 * Rotary position embedding, in place, on the first r dimensions of each vector; the rest stays (partial rotary embedding).
 * Element i is turned with element i + r/2 by the angle position · base^(−2i/r):
 *   x' = x cos − y sin,  y' = x sin + y cos        3 operations an element
 * Sines and cosines are a table in practice and are left out (rule A3 in docs/counting.md).
 * Source: Su et al. 2021, equation 34, halves paired as GPT-NeoX does; cost: src/operations/rotary-embedding.ts.
 */
import type { Processor, Tensor } from "./processor.ts";

export interface RotaryArguments {
  readonly tensor: Tensor;
  readonly vectors: number;
  /** First of a vector's r elements that turn. */
  readonly offset: (vector: number) => number;
  readonly position: (vector: number) => number;
  /** r, even. */
  readonly rotaryDim: number;
  readonly base: number;
}

export function rotate(p: Processor, a: RotaryArguments): void {
  const c = p.arithmetic;
  const half = a.rotaryDim / 2;
  for (let vector = 0; vector < a.vectors; vector++) {
    const from = a.offset(vector);
    for (let i = 0; i < half; i++) {
      const angle = a.position(vector) * a.base ** (-i / half);
      const cos = Math.cos(angle);
      const sin = Math.sin(angle);
      const x = a.tensor.read(from + i);
      const y = a.tensor.read(from + half + i);
      a.tensor.write(from + i, c.subtract(c.multiply(x, cos), c.multiply(y, sin)));
      a.tensor.write(from + half + i, c.add(c.multiply(x, sin), c.multiply(y, cos)));
    }
  }
}
