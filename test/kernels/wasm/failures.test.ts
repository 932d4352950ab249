/** What happens when a thread, a kernel or an allocation fails: a clear error, never a hang, and other work goes on. */
import { spawn } from "node:child_process";
import { Worker } from "node:worker_threads";
import { describe, expect, it } from "vitest";
import type { SpawnThread } from "../../../src/kernels/wasm/kernel-thread.ts";
import { nodeThreadScript, spawnNodeThread } from "../../../src/kernels/wasm/spawn-thread-node.ts";
import { wasmBackend } from "../../../src/kernels/wasm/wasm-backend.ts";
import type { WasmJob } from "../../../src/kernels/wasm/wasm-job.ts";

const read = { kind: "stream", stream: "read", workingSetBytes: 2 ** 20, passes: 1 } as const;

/** A thread of Node whose script is changed, and which ends when it is told to run for so many milliseconds. */
function changedThread(from: string, to: string, endsAfter: number): SpawnThread {
  return (onReady, onFailure) => {
    const worker = new Worker(nodeThreadScript.replace(from, to), { eval: true });
    worker.on("message", onReady);
    worker.on("exit", () => onFailure("it ended"));
    return {
      post(message) {
        worker.postMessage(message);
        if (message.kind === "memory") setTimeout(() => void worker.terminate(), endsAfter);
      },
      keepAlive: () => {},
      end: async () => void (await worker.terminate()),
    };
  };
}

describe("the wasm backend", () => {
  it("rejects a run whose thread ends in the midst of a kernel, and starts anew for the next work", async () => {
    const endless = changedThread("kernels.get(command)(thread)", "for (;;) {}", 200);
    let spawned = 0;
    const backend = wasmBackend({ threads: 2 }, (onReady, onFailure) =>
      (spawned++ === 0 ? endless : spawnNodeThread)(onReady, onFailure),
    );
    const [kernel, other] = await Promise.all([backend.prepare(read), backend.prepare(read)]);
    if (kernel.refused || other.refused) throw new Error("refused");
    await expect(kernel.run()).rejects.toThrow("the wasm backend's threads have ended: one died: it ended");
    await expect(other.run()).rejects.toThrow("threads have ended");
    const after = await backend.prepare(read);
    if (after.refused) throw new Error("refused");
    await after.run();
    expect((await after.output()).reduce((sum, part) => sum + part)).toBe(2 ** 18);
    expect(spawned).toBe(2);
    kernel.release();
    other.release();
    await backend.close();
  });

  it("rejects a run that waits for a thread that ends", async () => {
    // Behaves until it is told of a memory, then ends before it takes its part in a run.
    const spawn: SpawnThread = (onReady, onFailure) => {
      const thread = spawnNodeThread(onReady, onFailure);
      return {
        ...thread,
        post(message) {
          if (message.kind !== "memory") return thread.post(message);
          setTimeout(onReady, 0);
          setTimeout(() => void thread.end(), 100);
        },
      };
    };
    const backend = wasmBackend({ threads: 2 }, spawn);
    const kernel = await backend.prepare(read);
    if (kernel.refused) throw new Error("refused");
    await expect(kernel.run()).rejects.toThrow("threads have ended: one died: it ended");
    await backend.close();
  });

  it("says so when a kernel fails on another thread", async () => {
    // The thread is told of no memory, so that it has no kernel to run.
    const spawn: SpawnThread = (onReady, onFailure) => {
      const thread = spawnNodeThread(onReady, onFailure);
      return {
        ...thread,
        post: (message) => thread.post(message.kind === "memory" ? { kind: "drop", id: message.id } : message),
      };
    };
    const backend = wasmBackend({ threads: 2 }, spawn);
    const kernel = await backend.prepare(read);
    if (kernel.refused) throw new Error("refused");
    await expect(kernel.run()).rejects.toThrow("threads have ended: a kernel failed on one of them");
    await backend.close();
  });

  it("says so when a kernel fails on the calling thread, and ends those that wait for it", async () => {
    const backend = wasmBackend({ threads: 2 }, spawnNodeThread);
    const calls = [
      { at: 0, parallel: false },
      { at: 256, parallel: true },
    ];
    const job: WasmJob = {
      bytes: 2048,
      parallel: true,
      program: { at: 1024, calls },
      fill(view) {
        // A residual addition far beyond the memory's end, then nothing on all threads.
        view.words.set([6, 1, 16, 0xfff0_0000, 0, 0xfff0_0000, 0, 1024, 0, 1], 16);
        view.words.set([10], (256 + 64) / 4);
      },
      output: () => new Float64Array(0),
    };
    const kernel = await backend.prepareJob(job);
    if (kernel.refused) throw new Error("refused");
    await expect(kernel.run()).rejects.toThrow(/threads have ended: a kernel failed: .*out of bounds/);
    await backend.close();
  });

  it("names the bytes of a memory that cannot be had, and goes on with less", async () => {
    let most = 64;
    const makeMemory = (initial: number, maximum: number): WebAssembly.Memory => {
      if (initial > most) throw new RangeError("could not allocate memory");
      return new WebAssembly.Memory({ initial, maximum: Math.min(maximum, most), shared: true });
    };
    const backend = wasmBackend({ threads: 1, makeMemory }, spawnNodeThread);
    const stream = (pages: number) => ({ ...read, workingSetBytes: pages * 65536 });
    await expect(backend.prepare(stream(100))).rejects.toThrow(
      /^cannot allocate a WebAssembly memory of \d{7} bytes: could not allocate memory$/,
    );
    const small = await backend.prepare(stream(10));
    if (small.refused) throw new Error("refused");
    small.release();
    // The memory that came back is too small and cannot grow.
    await expect(backend.prepare(stream(100))).rejects.toThrow("cannot allocate a WebAssembly memory of");
    most = 1000;
    const again = await backend.prepare(stream(10));
    if (again.refused) throw new Error("refused");
    await again.run();
    await backend.close();
  });

  it("keeps small memories for the next work, and lets large ones go", async () => {
    let made = 0;
    const makeMemory = (initial: number, maximum: number): WebAssembly.Memory => {
      made++;
      return new WebAssembly.Memory({ initial, maximum, shared: true });
    };
    const backend = wasmBackend({ threads: 2, makeMemory }, spawnNodeThread);
    for (const workingSetBytes of [2 ** 20, 2 ** 20, 2 ** 28, 2 ** 20, 2 ** 28]) {
      const prepared = await backend.prepare({ ...read, workingSetBytes });
      if (prepared.refused) throw new Error("refused");
      await prepared.run();
      prepared.release();
      prepared.release();
    }
    // The first grows to 2^28 and more and goes; the fourth grows likewise.
    expect(made).toBe(2);
    await backend.close();
  });

  it("lets go of a memory whose filling fails", async () => {
    let made = 0;
    const makeMemory = (initial: number, maximum: number): WebAssembly.Memory => {
      made++;
      return new WebAssembly.Memory({ initial, maximum, shared: true });
    };
    const backend = wasmBackend({ threads: 1, makeMemory }, spawnNodeThread);
    const fill = (): void => {
      throw new RangeError("no weights");
    };
    const job: WasmJob = { bytes: 2048, parallel: false, fill, output: () => new Float64Array(0) };
    for (let i = 0; i < 3; i++) await expect(backend.prepareJob(job)).rejects.toThrow("no weights");
    expect(made).toBe(1);
    await backend.close();
  });

  it("does not keep its threads busy between runs, and ends them", async () => {
    const backend = wasmBackend({ threads: 2 }, spawnNodeThread);
    const kernel = await backend.prepare(read);
    if (kernel.refused) throw new Error("refused");
    await kernel.run();
    await new Promise((resolve) => setTimeout(resolve, 50));
    const before = process.cpuUsage();
    await new Promise((resolve) => setTimeout(resolve, 400));
    const { user, system } = process.cpuUsage(before);
    // A thread that looked all the time would take 400,000 µs; other tests' compilation may be going on.
    expect(user + system).toBeLessThan(200_000);
    await backend.close();
  });

  it("lets timers have their turn in a long sequence of runs", async () => {
    const backend = wasmBackend({ threads: 1 }, spawnNodeThread);
    const kernel = await backend.prepare({ ...read, workingSetBytes: 2 ** 26 });
    if (kernel.refused) throw new Error("refused");
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    await backend.runInOrder(new Array(100).fill(kernel));
    clearInterval(timer);
    expect(turns).toBeGreaterThan(2);
    await backend.close();
  });

  it("starts threads in programs of either kind of module", async () => {
    const { code, errors } = await new Promise<{ code: number | null; errors: string }>((resolve) => {
      const program = `
        const { Worker } = await import("node:worker_threads");
        const worker = new Worker(${JSON.stringify(nodeThreadScript)}, { eval: true });
        worker.on("message", () => worker.terminate());
        worker.postMessage({ kind: "start", control: new SharedArrayBuffer(64), thread: 1, module: null });
      `;
      const child = spawn(process.execPath, ["--input-type=module", "--eval", program]);
      let errors = "";
      child.stderr.on("data", (data) => {
        errors += data;
      });
      child.on("close", (code) => resolve({ code, errors }));
    });
    expect({ code, errors }).toEqual({ code: 0, errors: "" });
  });

  it("reports a thread's uncaught error", async () => {
    const failure = await new Promise<string>((resolve) => {
      const thread = spawnNodeThread(() => {}, resolve);
      // No module: the thread fails when it is told of a memory.
      thread.post({ kind: "memory", id: 0, memory: null });
    });
    expect(failure).toMatch(/Module|module/);
  });
});
