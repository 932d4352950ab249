/**
 * A worker thread of the kernels. It sleeps on a word of shared memory and starts without a message; messages only bring it
 * the module and memories. Control words: 0 generation, 1 memory to work on (−1: listen for a message), 2 threads that failed.
 */

export interface KernelThread {
  post(message: ThreadMessage): void;
  /** Whether the thread keeps the program alive; it does only while it is waited for. */
  keepAlive(alive: boolean): void;
  end(): Promise<void>;
}

export type ThreadMessage =
  | { readonly kind: "start"; readonly control: SharedArrayBuffer; readonly thread: number; readonly module: unknown }
  | { readonly kind: "memory"; readonly id: number; readonly memory: unknown }
  | { readonly kind: "drop"; readonly id: number };

/** Starts a thread on a script; `prelude` defines listen and send there. */
export type SpawnThread = (onReady: () => void, onFailure: (reason: string) => void) => KernelThread;

/**
 * The thread's script, after a prelude that defines listen(handler) and send(message) for the host at hand. It looks for the
 * next run for a few hundredths of a millisecond before it sleeps: waking takes as long.
 */
export const threadScript: string = `
let control, thread, module, seen = 0;
const kernels = new Map();
listen((message) => {
  if (message.kind === "start") {
    control = new Int32Array(message.control);
    ({ thread, module } = message);
    seen = Atomics.load(control, 0);
  } else if (message.kind === "memory") {
    const env = { memory: message.memory };
    kernels.set(message.id, new WebAssembly.Instance(module, { env }).exports.run);
  } else {
    kernels.delete(message.id);
  }
  send("ready");
  serve();
});
function serve() {
  for (;;) {
    for (let spins = 0; Atomics.load(control, 0) === seen; spins++) {
      if (spins > 20000) Atomics.wait(control, 0, seen);
    }
    seen = Atomics.load(control, 0);
    const command = Atomics.load(control, 1);
    if (command < 0) return;
    try {
      kernels.get(command)(thread);
    } catch {
      Atomics.add(control, 2, 1);
    }
  }
}
`;
