/** The kernels in WebAssembly: SIMD, shared memory, and threads that sleep on it between calls. */
import type { Availability, KernelBackend, KernelWork, PreparedKernel, RefusedKernel } from "../kernel.ts";
import { attentionJob } from "./attention-job.ts";
import { cacheAppendJob } from "./cache-append-job.ts";
import { emptyJob, multiplyAddJob, streamJob } from "./ceiling-jobs.ts";
import { decodeStepJob } from "./decode-step-job.ts";
import { decodeStepRefusal } from "./decode-step-refusal.ts";
import { activationJob, normalizationJob, residualJob, rotaryJob } from "./elementwise-jobs.ts";
import { firstStepsAt, type KernelProgram, writeProgram } from "./kernel-program.ts";
import type { SpawnThread } from "./kernel-thread.ts";
import { linearJob } from "./linear-job.ts";
import { type MakeMemory, type MemoryStore, maximumBytes, memoryStore } from "./memory-store.ts";
import { isWasmFormat } from "./stored-rows.ts";
import { type Run, type ThreadPool, threadPool } from "./thread-pool.ts";
import type { WasmJob } from "./wasm-job.ts";
import { wasmModule } from "./wasm-module.ts";

export interface WasmSettings {
  /** Threads, the calling one among them. */
  readonly threads: number;
  /** Plain SIMD even where the engine has relaxed SIMD. */
  readonly plain?: boolean;
  /** What makes memories; new WebAssembly.Memory where not given. */
  readonly makeMemory?: MakeMemory;
}

export interface WasmBackend extends KernelBackend {
  readonly name: "wasm";
  /** A job of one's own. */
  prepareJob(job: WasmJob): Promise<PreparedKernel | RefusedKernel>;
}

interface Started {
  readonly pool: ThreadPool;
  readonly memories: MemoryStore;
  readonly relaxed: boolean;
}

/** The backend; threads start with the first work that is prepared, again after one died, and end with close. */
export function wasmBackend(settings: WasmSettings, spawn: SpawnThread): WasmBackend {
  const { threads } = settings;
  let starting: Promise<Started> | null = null;
  const runOf = new WeakMap<PreparedKernel, { readonly pool: ThreadPool; readonly run: Run }>();
  const start = async (): Promise<Started> => {
    const compiled = await wasmModule(settings.plain);
    if (compiled === null) throw new Error("this engine has no WebAssembly with SIMD and threads");
    const pool = await threadPool(threads, compiled.module, spawn);
    return { pool, memories: memoryStore(compiled.module, pool, settings.makeMemory), relaxed: compiled.relaxed };
  };
  const started = async (): Promise<Started> => {
    const before = starting;
    if (
      before !== null &&
      (await before.then(
        ({ pool }) => pool.failed,
        () => true,
      )) &&
      starting === before
    )
      starting = null;
    starting ??= start();
    return starting;
  };
  const prepareJob = async (job: WasmJob): Promise<PreparedKernel | RefusedKernel> => {
    if (job.bytes > maximumBytes)
      return refusal(`the buffers take ${job.bytes} bytes, a WebAssembly memory at most ${maximumBytes}`);
    const { pool, memories } = await started();
    const memory = await memories.lend(job.bytes);
    const view = memory.view();
    const program: KernelProgram = job.program ?? { at: firstStepsAt, calls: [{ ...job, at: 0 }] };
    try {
      await job.fill(view);
      writeProgram(view, program, threads);
    } catch (error) {
      memory.giveBack();
      throw error;
    }
    const weight = Math.max(job.bytes, 4 * (job.amount ?? 0));
    const parallel = program.calls.some((call) => call.parallel);
    const run: Run = { id: memory.id, kernels: memory.kernels, memory: memory.memory, parallel, weight };
    const prepared: PreparedKernel = {
      refused: false,
      ...(job.amount === undefined ? {} : { amount: job.amount }),
      run: () => pool.run([run]),
      output: async () => job.output(view),
      release: () => memory.giveBack(),
    };
    runOf.set(prepared, { pool, run });
    return prepared;
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
      const prepared = kernels.map((kernel) => {
        const own = runOf.get(kernel);
        if (own === undefined) throw new TypeError("a kernel that this backend did not prepare");
        return own;
      });
      await prepared[0]?.pool.run(prepared.map(({ run }) => run));
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
      return normalizationJob(work, threads);
    case "rotary-embedding":
      return rotaryJob(work, threads);
    case "feed-forward-activation":
      return activationJob(work, threads);
    case "residual":
      return residualJob(work, threads);
    case "cache-append":
      return isWasmFormat(work.format) ? cacheAppendJob(work, work.format, threads) : unknownFormat(work.format);
    case "decode-step":
      return decodeStepRefusal(work) ?? decodeStepJob(work, threads);
    case "stream":
      return streamJob(work, threads);
    case "multiply-add":
      return isWasmFormat(work.format) ? multiplyAddJob(work, work.format, threads) : unknownFormat(work.format);
    case "empty":
      return emptyJob();
  }
}

function unknownFormat(format: string): string {
  return `the wasm backend stores f32, bf16 and int8, not ${format}`;
}
