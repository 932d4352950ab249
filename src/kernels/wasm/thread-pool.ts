/** The threads that help the calling one. A run wakes them through shared memory; memories are told by message, once each. */
import type { KernelThread, SpawnThread, ThreadMessage } from "./kernel-thread.ts";
import type { WasmKernels } from "./wasm-module.ts";

const generation = 0;
const command = 1;
const atWork = 2;
const failures = 3;

/** Looks at the count before sleeping, since a kernel's threads end almost together. */
const spins = 4000;
const sleepMilliseconds = 50;

export interface ThreadPool {
  /** Tells every thread of a memory, or that one is no longer needed. */
  tell(message: ThreadMessage): Promise<void>;
  /** Runs on the calling thread and, where `parallel`, on all others; one run at a time. */
  run(id: number, kernels: WasmKernels, parallel: boolean): Promise<void>;
  close(): Promise<void>;
}

/**
 * A pool of `threads` threads, the calling one among them.
 * @throws Error where a thread does not start, and from tell and run once one has died
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

  const onReady = (): void => {
    waiting--;
    if (waiting === 0) answered?.resolve();
  };
  const onFailure = (reason: string): void => {
    if (closed) return;
    failure ??= new Error(`a thread of the wasm backend died: ${reason}`);
    answered?.reject(failure);
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
  const helpersDone = async (): Promise<void> => {
    for (let i = 0; i < spins; i++) if (Atomics.load(control, atWork) === 0) return;
    for (let left = Atomics.load(control, atWork); left > 0; left = Atomics.load(control, atWork)) {
      if (waitOn(control, left) === "timed-out") await nextTurnOfEvents();
      if (failure !== null) throw failure;
    }
  };

  for (let i = 1; i < threads; i++) helpers.push(spawn(onReady, onFailure));
  await post((thread) => ({ kind: "start", control: shared, thread, module }));
  return {
    tell: (message) =>
      inTurn(() => {
        wake(-1);
        return post(() => message);
      }),
    run: (id, kernels, parallel) =>
      inTurn(async () => {
        if (failure !== null) throw failure;
        kernels.before();
        const helping = parallel ? helpers.length : 0;
        if (helping > 0) {
          Atomics.store(control, atWork, helping);
          wake(id);
        }
        kernels.run(0);
        if (helping > 0) await helpersDone();
        if (Atomics.exchange(control, failures, 0) > 0)
          throw new Error("a kernel of the wasm backend failed on a thread");
        kernels.after();
      }),
    async close() {
      closed = true;
      await Promise.all(helpers.map((helper) => helper.end()));
    },
  };
}

/** Sleeps until the count changes; a browser's main thread may not, and looks again later instead. */
function waitOn(control: Int32Array, left: number): "ok" | "not-equal" | "timed-out" {
  try {
    return Atomics.wait(control, atWork, left, sleepMilliseconds);
  } catch {
    return "timed-out";
  }
}

function nextTurnOfEvents(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
