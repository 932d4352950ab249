/**
 * Embedding lookup: each token reads its row of the table, and adds its row of a learned position table where there is one.
 * Source: Vaswani et al. 2017, section 3.4; cost: src/operations/embedding-lookup.ts.
 */
import type { Processor, Tensor } from "./processor.ts";

export interface EmbeddingArguments {
  readonly tokens: ArrayLike<number>;
  /** Position of each token from 0. */
  readonly position: (token: number) => number;
  readonly dModel: number;
  /** [V, d]. */
  readonly table: Tensor;
  /** [positions, d]; null where positions enter another way. */
  readonly positions: Tensor | null;
  /** [T, d]. */
  readonly output: Tensor;
}

export function lookUpEmbedding(p: Processor, a: EmbeddingArguments): void {
  const d = a.dModel;
  for (let t = 0; t < a.tokens.length; t++) {
    for (let i = 0; i < d; i++) {
      let x = a.table.read((a.tokens[t] as number) * d + i);
      if (a.positions !== null) x = p.arithmetic.add(x, a.positions.read(a.position(t) * d + i));
      a.output.write(t * d + i, x);
    }
  }
}

/** Adds each token's row of a position table to what was projected from a narrower table; the sum stays in place. */
export function addPositions(
  p: Processor,
  x: Tensor,
  positions: Tensor,
  position: (token: number) => number,
  d: number,
): void {
  for (let t = 0; t < x.length / d; t++) {
    for (let i = 0; i < d; i++) {
      // Added as the projection writes its row: only the table is read from memory.
      x.write(t * d + i, p.arithmetic.add(x.readAside(t * d + i), positions.read(position(t) * d + i)));
    }
  }
}
