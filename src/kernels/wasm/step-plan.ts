/** A decode step as it is laid out: buffers, the kernels that run over them in order, and what is written before the first run. */
import type { KernelCall } from "./kernel-program.ts";
import type { MemoryView } from "./memory-view.ts";
import { jobBytes, MemoryLayout, writeWords } from "./wasm-job.ts";

/** How a kernel is started; see KernelCall. */
export type Start = Omit<KernelCall, "at" | "chosen">;

export class StepPlan {
  readonly layout: MemoryLayout = new MemoryLayout();
  readonly calls: KernelCall[] = [];
  readonly threads: number;
  private readonly fills: ((view: MemoryView) => void)[] = [];

  constructor(threads: number) {
    this.threads = threads;
  }

  /** A buffer of float32 that begins as zeros. */
  buffer(elements: number): number {
    const at = this.layout.take(elements * 4);
    this.fills.push((view) => view.f32.fill(0, at / 4, at / 4 + elements));
    return at;
  }

  /** A buffer that begins with these words. */
  words(values: readonly number[]): number {
    const at = this.layout.take(values.length * 4);
    this.fills.push((view) => view.words.set(values, at / 4));
    return at;
  }

  /** What else is written before the first run. */
  onFill(fill: (view: MemoryView) => void): void {
    this.fills.push(fill);
  }

  /** The next kernel. */
  call(words: readonly number[], start: Start): void {
    const at = this.layout.take(jobBytes);
    this.calls.push({ ...start, at });
    this.job(at, words);
  }

  /** Writes a job that may be chosen. */
  job(at: number, words: readonly number[]): void {
    this.fills.push((view) => writeWords(view, words, at));
  }

  /** The next kernel is the one whose address an earlier one writes to `cell`. */
  chosen(cell: number, start: Start): void {
    this.calls.push({ ...start, at: cell, chosen: true });
  }

  /** The next small kernel, shared by as many threads as it moves bytes for. */
  small(words: readonly number[], shared: number): void {
    this.call(words, { parallel: shared > 1 });
  }

  fill(view: MemoryView): void {
    for (const fill of this.fills) fill(view);
  }
}
