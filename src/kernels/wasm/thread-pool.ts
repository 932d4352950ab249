/**
 * The threads that help the calling one. A run wakes them through shared memory; memories are told by message, once each.
 * A thread that dies or a kernel that traps ends the whole pool, since the others may be waiting for it.
 */
import { asleepAt, meetingsAt } from "./kernel-program.ts";
import type { KernelThread, SpawnThread, ThreadMessage } from "./kernel-thread.ts";
import type { WasmKernels } from "./wasm-module.ts";

const generation = 0;
const command = 1;
const failures = 2;

/** How long the calling thread sleeps before it looks for events, the death of a thread among them. */
const sleepMilliseconds = 50;

/** A program in a memory that all threads have been told of. */
export interface Run {
  readonly id: number;
  readonly kernels: WasmKernels;
  readonly memory: WebAssembly.Memory;
  readonly parallel: boolean;
  /** Roughly how many bytes are moved; says when the event loop should have its turn. */
  readonly weight: number;
}

/** What runs between two turns of the event loop: about a tenth of a second's worth. */
const weightOfTurn = 2 ** 29;
const leastWeight = 2 ** 16;

export interface ThreadPool {
  /** Whether it has ended by itself. */
  readonly failed: boolean;
  /** Tells every thread of a memory, or that one is no longer needed. */
  tell(message: ThreadMessage): Promise<void>;
  /**
   * Runs one after the other, each on the calling thread and, where it is parallel, on all others.
   * @throws Error where a thread died or a kernel trapped
   */
  run(runs: readonly Run[]): Promise<void>;
  close(): Promise<void>;
}

/**
 * A pool of `threads` threads, the calling one among them.
 * @throws Error where a thread does not start
 */
export async function threadPool(threads: number, module: WebAssembly.Module, spawn: SpawnThread): Promise<ThreadPool> {
  const shared = new SharedArrayBuffer(64);
  const control = new Int32Array(shared);
  const helpers: KernelThread[] = [];
  let closed = false;
  let failure: Error | null = null;
  let waiting = 0;
  let answered: { resolve(): void; reject(error: Error): void } | null = null;
  let turn: Promise<unknown> = Promise.resolve();

  const fail = (reason: string): Error => {
    failure ??= new Error(`the wasm backend's threads have ended: ${reason}`);
    for (const helper of helpers) void helper.end().catch(() => {});
    answered?.reject(failure);
    return failure;
  };
  const onReady = (): void => {
    waiting--;
    if (waiting === 0) answered?.resolve();
  };
  const onFailure = (reason: string): void => {
    if (!closed && failure === null) fail(`one died: ${reason}`);
  };
  const post = async (messageOf: (thread: number) => ThreadMessage): Promise<void> => {
    if (failure !== null) throw failure;
    if (helpers.length === 0) return;
    waiting = helpers.length;
    const done = new Promise<void>((resolve, reject) => {
      answered = { resolve, reject };
    });
    helpers.forEach((helper, i) => {
      helper.keepAlive(true);
      helper.post(messageOf(i + 1));
    });
    await done;
    for (const helper of helpers) helper.keepAlive(false);
  };
  const wake = (what: number): void => {
    Atomics.store(control, command, what);
    Atomics.add(control, generation, 1);
    Atomics.notify(control, generation);
  };
  /** One after the other, in the order asked for, whatever became of the one before. */
  const inTurn = (what: () => Promise<void>): Promise<void> => {
    const done = turn.then(what, what);
    turn = done.catch(() => {});
    return done;
  };
  /** Whether the calling thread is done; it is not where it has to wait longer than it likes to look. */
  const proceeded = (kernels: WasmKernels): boolean => {
    try {
      return kernels.run(0) !== 0;
    } catch (error) {
      throw fail(`a kernel failed: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  const waitForOthers = async ({ kernels, memory }: Run): Promise<void> => {
    const words = new Int32Array(memory.buffer);
    for (;;) {
      const met = Atomics.load(words, meetingsAt / 4);
      if (proceeded(kernels)) return;
      Atomics.add(words, asleepAt / 4, 1);
      const woken = waitOn(words, meetingsAt / 4, met);
      Atomics.sub(words, asleepAt / 4, 1);
      if (woken) continue;
      await nextTurnOfEvents();
      if (failure !== null) throw failure;
      if (closed) throw new Error("the wasm backend was closed while a kernel ran");
      if (Atomics.load(control, failures) > 0) throw fail("a kernel failed on one of them");
    }
  };

  for (let i = 1; i < threads; i++) helpers.push(spawn(onReady, onFailure));
  await post((thread) => ({ kind: "start", control: shared, thread, module }));
  return {
    get failed() {
      return failure !== null;
    },
    tell: (message) =>
      inTurn(() => {
        wake(-1);
        return post(() => message);
      }),
    run: (runs) =>
      inTurn(async () => {
        let weight = 0;
        for (const run of runs) {
          if (weight > weightOfTurn) {
            await nextTurnOfEvents();
            weight = 0;
          }
          weight += Math.max(leastWeight, run.weight);
          if (failure !== null) throw failure;
          run.kernels.restart();
          if (run.parallel && threads > 1) wake(run.id);
          if (!proceeded(run.kernels)) await waitForOthers(run);
        }
      }),
    async close() {
      closed = true;
      await Promise.all(helpers.map((helper) => helper.end()));
    },
  };
}

/** Sleeps until the word changes, and answers whether it did; a browser's main thread may not, and looks again later instead. */
function waitOn(words: Int32Array, index: number, value: number): boolean {
  try {
    return Atomics.wait(words, index, value, sleepMilliseconds) !== "timed-out";
  } catch {
    return false;
  }
}

function nextTurnOfEvents(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
