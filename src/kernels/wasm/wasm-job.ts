/** One kernel call laid out in memory: how much it needs, what is written before the first run, what is read after. */
import type { MemoryView } from "./memory-view.ts";

export interface WasmJob {
  /** Bytes of memory, the job's words among them. */
  readonly bytes: number;
  /** Whether all threads take part; small operations run on the calling one. */
  readonly parallel: boolean;
  fill(view: MemoryView): void;
  output(view: MemoryView): Float64Array;
}

/** First words of a job: which kernel. */
export const kernelNumbers = {
  attention: 1,
  linear: 2,
  normalization: 3,
  rotary: 4,
  activation: 5,
  residual: 6,
  append: 7,
  read: 8,
  multiplyAdd: 9,
} as const;

/** Where the job's words begin, in bytes; the counter of tasks lies before them. */
const wordsAt = 64;
const dataAt = 1024;

/** Places buffers one after the other, each at a cache line, and answers where. */
export class MemoryLayout {
  /** Bytes so far. */
  bytes: number = dataAt;

  take(bytes: number): number {
    const at = this.bytes;
    this.bytes = Math.ceil((at + bytes) / 64) * 64;
    return at;
  }
}

/** Writes the words of a job, from word 0. */
export function writeWords(view: MemoryView, words: readonly number[]): void {
  view.words.set(words, wordsAt / 4);
}

/** The bits of a float32, for a word that holds one. */
export function floatWord(value: number): number {
  return new Uint32Array(Float32Array.of(value).buffer)[0] as number;
}

/** The least multiple of `step` that is not below `n`. */
export function roundUp(n: number, step: number): number {
  return Math.ceil(n / step) * step;
}
