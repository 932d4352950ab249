/**
 * What a prepared kernel runs, laid out in memory: how much it needs, what is written before the first run, what is read after.
 * One job stands at the memory's beginning; a list of kernels (a decode step) brings its calls and its place for their steps.
 */
import type { KernelProgram } from "./kernel-program.ts";
import type { MemoryView } from "./memory-view.ts";

export interface WasmJob {
  /** Bytes of memory, the job's words among them. */
  readonly bytes: number;
  /** Whether all threads take part; small operations run on the calling one. */
  readonly parallel: boolean;
  /** Whether the calling thread has something to do before all start, and once all have ended. */
  readonly before?: boolean;
  readonly after?: boolean;
  /** The kernels to run, where it is not the one job. */
  readonly program?: KernelProgram;
  /** Of a ceiling, what one run comes to: bytes moved or multiply-adds. */
  readonly amount?: number;
  /** Large ones let the event loop have its turn. */
  fill(view: MemoryView): void | Promise<void>;
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
  storeRows: 7,
  stream: 8,
  multiplyAdd: 9,
  empty: 10,
  lookUpRows: 11,
  routeTokens: 12,
  combineExperts: 13,
} as const;

/** Bytes of a job: the counter's cache line, then its words. */
export const jobBytes = 256;
const counterBytes = 64;
/** Behind the first job, the words of assembly/barrier.ts and the program. */
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

/** Writes the words of a job, from word 0; `at` is the job's own address. */
export function writeWords(view: MemoryView, words: readonly number[], at = 0): void {
  view.words.set(words, (at + counterBytes) / 4);
}

/** The bits of a float32, for a word that holds one. */
export function floatWord(value: number): number {
  return new Uint32Array(Float32Array.of(value).buffer)[0] as number;
}

/** The least multiple of `step` that is not below `n`. */
export function roundUp(n: number, step: number): number {
  return Math.ceil(n / step) * step;
}
