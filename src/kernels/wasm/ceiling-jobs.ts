/** What a kernel's speed is held against: reading a buffer with a plain SIMD loop, and multiply-adds in registers. */
import { kernelNumbers, MemoryLayout, type WasmJob, writeWords } from "./wasm-job.ts";

/** Reads `bytes` (a multiple of 1 MiB) once a run, a MiB a task; answers the sums. */
export function readJob(bytes: number): WasmJob {
  const each = 1024 * 1024;
  const tasks = bytes / each;
  const layout = new MemoryLayout();
  const buffer = layout.take(bytes);
  const sums = layout.take(tasks * 4);
  return {
    bytes: layout.bytes,
    parallel: true,
    fill(view) {
      view.f32.fill(1, buffer / 4, (buffer + bytes) / 4);
      writeWords(view, [kernelNumbers.read, tasks, each, buffer, sums]);
    },
    output: (view) => Float64Array.from(view.f32.subarray(sums / 4, sums / 4 + tasks)),
  };
}

/** Multiply-adds of one task's round: 12 chains of 4 lanes. */
const perRound = 48;

/** `tasks` tasks of `rounds` rounds; multiplyAdds is the number of all of them. */
export function multiplyAddJob(tasks: number, rounds: number): WasmJob & { readonly multiplyAdds: number } {
  const layout = new MemoryLayout();
  const sums = layout.take(tasks * 4);
  return {
    bytes: layout.bytes,
    parallel: true,
    multiplyAdds: tasks * rounds * perRound,
    fill: (view) => writeWords(view, [kernelNumbers.multiplyAdd, tasks, rounds, 0, sums]),
    output: (view) => Float64Array.from(view.f32.subarray(sums / 4, sums / 4 + tasks)),
  };
}
