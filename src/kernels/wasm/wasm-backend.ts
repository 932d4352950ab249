/** The kernels in WebAssembly: SIMD, shared memory, and threads that sleep on it between calls. */
import type { Availability, KernelBackend, KernelWork, PreparedKernel, RefusedKernel } from "../kernel.ts";
import { attentionJob } from "./attention-job.ts";
import { cacheAppendJob } from "./cache-append-job.ts";
import { activationJob, normalizationJob, residualJob, rotaryJob } from "./elementwise-jobs.ts";
import type { SpawnThread } from "./kernel-thread.ts";
import { linearJob } from "./linear-job.ts";
import { type MemoryStore, maximumBytes, memoryStore } from "./memory-store.ts";
import { isWasmFormat } from "./stored-rows.ts";
import { type ThreadPool, threadPool } from "./thread-pool.ts";
import type { WasmJob } from "./wasm-job.ts";
import { wasmModule } from "./wasm-module.ts";

export interface WasmSettings {
  /** Threads, the calling one among them. */
  readonly threads: number;
  /** Plain SIMD even where the engine has relaxed SIMD. */
  readonly plain?: boolean;
}

export interface WasmBackend extends KernelBackend {
  readonly name: "wasm";
  /** A job of one's own, the ceilings' for instance. */
  prepareJob(job: WasmJob): Promise<PreparedKernel | RefusedKernel>;
}

interface Started {
  readonly pool: ThreadPool;
  readonly memories: MemoryStore;
  readonly relaxed: boolean;
}

/** The backend; threads start with the first work that is prepared and end with close. */
export function wasmBackend(settings: WasmSettings, spawn: SpawnThread): WasmBackend {
  const { threads } = settings;
  let starting: Promise<Started> | null = null;
  const start = async (): Promise<Started> => {
    const compiled = await wasmModule(settings.plain);
    if (compiled === null) throw new Error("this engine has no WebAssembly with SIMD and threads");
    const pool = await threadPool(threads, compiled.module, spawn);
    return { pool, memories: memoryStore(compiled.module, pool), relaxed: compiled.relaxed };
  };
  const started = (): Promise<Started> => {
    starting ??= start();
    return starting;
  };
  const prepareJob = async (job: WasmJob): Promise<PreparedKernel | RefusedKernel> => {
    if (job.bytes > maximumBytes)
      return refusal(`the buffers take ${job.bytes} bytes, a WebAssembly memory at most ${maximumBytes}`);
    const { pool, memories } = await started();
    const memory = await memories.lend(job.bytes);
    const view = memory.view();
    job.fill(view);
    return {
      refused: false,
      run: () => pool.run(memory.id, memory.kernels, job.parallel),
      output: async () => job.output(view),
      release: () => memory.giveBack(),
    };
  };
  return {
    name: "wasm",
    prepareJob,
    async availability(): Promise<Availability> {
      try {
        const { relaxed } = await started();
        const simd = relaxed ? "relaxed SIMD" : "SIMD";
        return { available: true, description: `WebAssembly, ${simd}, ${threads} thread${threads === 1 ? "" : "s"}` };
      } catch (error) {
        return { available: false, reason: error instanceof Error ? error.message : String(error) };
      }
    },
    async prepare(work) {
      const job = jobOf(work, threads);
      return typeof job === "string" ? refusal(job) : prepareJob(job);
    },
    async runInOrder(kernels) {
      for (const kernel of kernels) await kernel.run();
      return null;
    },
    async close() {
      const running = starting;
      starting = null;
      if (running !== null)
        await running.then(
          ({ pool }) => pool.close(),
          () => {},
        );
    },
  };
}

function refusal(reason: string): RefusedKernel {
  return { refused: true, reason };
}

/** The job for a piece of work, or why there is none. */
function jobOf(work: KernelWork, threads: number): WasmJob | string {
  switch (work.kind) {
    case "attention":
      return isWasmFormat(work.format) ? attentionJob(work, work.format, threads) : unknownFormat(work.format);
    case "linear":
      return isWasmFormat(work.format) ? linearJob(work, work.format, threads) : unknownFormat(work.format);
    case "normalization":
      return normalizationJob(work);
    case "rotary-embedding":
      return rotaryJob(work);
    case "feed-forward-activation":
      return activationJob(work);
    case "residual":
      return residualJob(work);
    case "cache-append":
      if (work.format === "f32" || work.format === "bf16") return cacheAppendJob(work, work.format);
      return `the wasm backend appends to caches in f32 and bf16, not ${work.format}`;
    case "decode-step":
      return "the wasm backend runs single operations, not whole decode steps";
    case "stream":
    case "multiply-add":
    case "empty":
      return "the wasm backend has no ceilings yet";
  }
}

function unknownFormat(format: string): string {
  return `the wasm backend stores f32, bf16 and int8, not ${format}`;
}
