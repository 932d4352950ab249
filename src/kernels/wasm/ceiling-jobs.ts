/**
 * What a kernel's speed is held against: arrays read and written in order, multiply-adds in registers, and a start of all
 * threads that does nothing. An array is cut into as many parts as threads, each thread's its own and in its cache, or beyond the
 * caches into parts of about a MiB, taken as threads come free.
 */
import type { MultiplyAddWork, StreamWork } from "../kernel.ts";
import { formatNumbers, type WasmFormat } from "./stored-rows.ts";
import { kernelNumbers, MemoryLayout, type WasmJob, writeWords } from "./wasm-job.ts";

/** A job of which one run comes to so many bytes or multiply-adds. */
export type CeilingJob = WasmJob & { readonly amount: number };

const streams = { read: { kind: 0, arrays: 1 }, write: { kind: 1, arrays: 1 }, copy: { kind: 2, arrays: 2 } } as const;
const kinds: Readonly<Record<StreamWork["stream"], { readonly kind: number; readonly arrays: number }>> = {
  ...streams,
  triad: { kind: 3, arrays: 3 },
};

/** Bytes that a step of assembly/ceilings.ts reads. */
const stepBytes = 256;
/** Parts above this are taken as tasks: half a MiB fits a second-level cache, and sharing out costs nothing beyond it. */
const ownBytes = 1024 * 1024;
const taskBytes = 1024 * 1024;
/** Arrays don't begin at the same place of a page, where a store would wait on a load of the other's. */
const staggerBytes = 1088;

export function streamJob(work: StreamWork, threads: number): CeilingJob {
  const { kind, arrays } = kinds[work.stream];
  const each = Math.floor(work.workingSetBytes / arrays);
  const taken = each / threads > ownBytes;
  const parts = taken ? Math.ceil(each / taskBytes) : threads;
  const partBytes = Math.max(stepBytes, Math.floor(each / parts / stepBytes) * stepBytes);
  const layout = new MemoryLayout();
  const starts = Array.from({ length: arrays }, () => layout.take(parts * partBytes + staggerBytes));
  const sums = layout.take(parts * 4);
  const words = parts * (partBytes / 4);
  return {
    bytes: layout.bytes,
    parallel: true,
    amount: arrays * parts * partBytes * work.passes,
    fill(view) {
      // Written arrays too: memory never touched is not there yet.
      for (const start of starts) view.f32.fill(1, start / 4, start / 4 + words);
      const head = [kernelNumbers.stream, kind, work.passes, parts, partBytes, taken ? 1 : 0];
      writeWords(view, [...head, ...[0, 1, 2].map((i) => starts[i] ?? 0), sums]);
    },
    /** Of a read the sums of the parts, else the last word of each part of the array written. */
    output(view) {
      if (kind === 0) return Float64Array.from(view.f32.subarray(sums / 4, sums / 4 + parts));
      const last = (part: number): number =>
        view.f32[((starts[0] as number) + (part + 1) * partBytes) / 4 - 1] as number;
      return Float64Array.from({ length: parts }, (_, part) => last(part));
    },
  };
}

/** Multiply-adds of one round: 24 of 4 lanes, or 12 of 8. */
const perRound = 96;
const tasksPerThread = 16;
const operandBytes = 2048;

/** Words of operands in each format; the scale of int8 is left to the sums, as in the kernels. */
const operandOf: Readonly<Record<WasmFormat, number>> = { f32: 0, bf16: 0x3f7f_3f7f, int8: 0x0101_0101 };

export function multiplyAddJob(work: MultiplyAddWork, format: WasmFormat, threads: number): CeilingJob {
  const tasks = threads * tasksPerThread;
  const rounds = Math.max(1, Math.ceil(work.multiplyAdds / (tasks * perRound)));
  const layout = new MemoryLayout();
  const operands = layout.take(operandBytes);
  const sums = layout.take(tasks * 4);
  return {
    bytes: layout.bytes,
    parallel: true,
    amount: tasks * rounds * perRound,
    fill(view) {
      view.words.fill(operandOf[format], operands / 4, (operands + operandBytes) / 4);
      writeWords(view, [kernelNumbers.multiplyAdd, formatNumbers[format], tasks, rounds, operands, sums]);
    },
    output: (view) => Float64Array.from(view.f32.subarray(sums / 4, sums / 4 + tasks)),
  };
}

/** All threads wake and have nothing to do. */
export function emptyJob(): WasmJob {
  return {
    bytes: new MemoryLayout().bytes,
    parallel: true,
    fill: (view) => writeWords(view, [kernelNumbers.empty]),
    output: () => new Float64Array(0),
  };
}
