/**
 * Appending the new tokens' rows to a cache, in place or by concatenation, and the gather of a concatenated cache after a step
 * of beam search. Rows are c elements; a sequence's rows stand one after the other.
 * Source: Shazeer 2019, sections 2.4 and 3.1; cost: src/operations/cache-append.ts and beam-reorder.ts.
 */
import type { Tensor } from "./processor.ts";

/** Writes elements [from, from + count) of each new token's row: Q rows a sequence. */
export interface AppendArguments {
  readonly sequences: number;
  readonly queryTokens: number;
  readonly input: Tensor;
  /** First element in the input of a token's part. */
  readonly inputOffset: (token: number) => number;
  readonly cache: Tensor;
  /** First element in the cache of the row that a sequence's new token goes to. */
  readonly rowOffset: (sequence: number, token: number) => number;
  readonly from: number;
  readonly count: number;
}

export function appendInPlace(a: AppendArguments): void {
  for (let sequence = 0; sequence < a.sequences; sequence++) {
    for (let q = 0; q < a.queryTokens; q++) {
      const input = a.inputOffset(sequence * a.queryTokens + q);
      const row = a.rowOffset(sequence, q) + a.from;
      for (let i = 0; i < a.count; i++) a.cache.write(row + i, a.input.read(input + i));
    }
  }
}

export interface CopyRowsArguments {
  readonly sequences: number;
  /** Rows copied a sequence. */
  readonly rows: number;
  readonly rowElements: number;
  readonly from: Tensor;
  /** First element of the first row that a sequence copies. */
  readonly fromOffset: (sequence: number) => number;
  readonly to: Tensor;
  readonly toOffset: (sequence: number) => number;
}

/** The old rows of a concatenation, or a beam's rows from its parent: each read once and written once. */
export function copyRows(a: CopyRowsArguments): void {
  const count = a.rows * a.rowElements;
  for (let sequence = 0; sequence < a.sequences; sequence++) {
    const from = a.fromOffset(sequence);
    const to = a.toOffset(sequence);
    for (let i = 0; i < count; i++) a.to.write(to + i, a.from.read(from + i));
  }
}
