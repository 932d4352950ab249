/** A backend with a memory of known levels and a known peak, over a clock that only its runs move. */
import type { KernelBackend, KernelWork, PreparedKernel, RefusedKernel } from "../../src/kernels/kernel.ts";
import type { MachineDescription } from "../../src/measurement/machine-description.ts";
import { type FakeClock, fakeClock } from "./fake-backend.ts";

export interface FakeLevel {
  readonly bytes: number;
  /** Of one thread. */
  readonly bytesPerSecond: number;
}

export interface FakeMachine {
  /** Innermost first; the last is memory and holds everything. */
  readonly levels: readonly FakeLevel[];
  readonly flopsPerSecond: number;
  readonly startSeconds: number;
  readonly refuse?: (work: KernelWork) => string | null;
  /** Fails every run of this kind of work. */
  readonly failing?: KernelWork["kind"];
  readonly onRun?: () => void;
}

/** 32 KiB at 100 GB/s, 1 MiB at 50, 32 MiB at 20, memory at 8 GB/s a thread; 40 GFLOP/s; 1 µs a start. */
export const fourLevels: FakeMachine = {
  levels: [
    { bytes: 32 * 1024, bytesPerSecond: 100e9 },
    { bytes: 2 ** 20, bytesPerSecond: 50e9 },
    { bytes: 2 ** 25, bytesPerSecond: 20e9 },
    { bytes: Number.POSITIVE_INFINITY, bytesPerSecond: 8e9 },
  ],
  flopsPerSecond: 40e9,
  startSeconds: 1e-6,
};

export function fakeMachineClock(): FakeClock {
  return fakeClock(1e-8);
}

/** Threads share memory and the last cache, and have each other cache of their own. */
export function fakeMachineBackend(
  machine: FakeMachine,
  threads: number,
  clock: FakeClock,
): KernelBackend & { readonly closed: { times: number } } {
  const closed = { times: 0 };
  const seconds = new Map<PreparedKernel, number>();
  const works = new Map<PreparedKernel, KernelWork>();
  const run = (kernel: PreparedKernel): void => {
    if (works.get(kernel)?.kind === machine.failing) throw new Error("the thread ended");
    machine.onRun?.();
    clock.pass(seconds.get(kernel) as number);
  };
  return {
    name: "wasm",
    closed,
    availability: async () => ({ available: true, description: "a made-up machine" }),
    async prepare(work): Promise<PreparedKernel | RefusedKernel> {
      const reason = machine.refuse?.(work) ?? null;
      if (reason !== null) return { refused: true, reason };
      const kernel: PreparedKernel = {
        refused: false,
        ...(work.kind === "stream" ? { amount: work.workingSetBytes * work.passes } : {}),
        run: async () => run(kernel),
        output: async () => new Float64Array(0),
        release: () => undefined,
      };
      seconds.set(kernel, machine.startSeconds + workSeconds(machine, threads, work));
      works.set(kernel, work);
      return kernel;
    },
    async runInOrder(kernels) {
      for (const kernel of kernels) run(kernel);
      return null;
    },
    close: async () => {
      closed.times += 1;
    },
  };
}

function workSeconds(machine: FakeMachine, threads: number, work: KernelWork): number {
  if (work.kind === "multiply-add") {
    const widening = { f64: 2, f32: 1, f16: 1, bf16: 1.25, int8: 1.6 }[work.format];
    return (2 * work.multiplyAdds * widening) / (threads * machine.flopsPerSecond);
  }
  if (work.kind !== "stream") return 0;
  const shared = machine.levels.length - 2;
  const level = machine.levels.findIndex((each, i) => work.workingSetBytes <= each.bytes * (i < shared ? threads : 1));
  const rate = (machine.levels[level] as FakeLevel).bytesPerSecond * threads;
  return (work.workingSetBytes * work.passes) / rate;
}

/** The same levels as an operating system describes them. */
export function describedMachine(change: Partial<MachineDescription> = {}): MachineDescription {
  return {
    label: "made-up-2-threads",
    processor: "Made Up 1000",
    architecture: "x64",
    cores: 2,
    usableThreads: 2,
    caches: [
      { level: 1, type: "data", bytes: 32 * 1024, sharedBy: 1, instances: 2 },
      { level: 1, type: "instruction", bytes: 64 * 1024, sharedBy: 1, instances: 2 },
      { level: 2, type: "unified", bytes: 2 ** 20, sharedBy: 1, instances: 2 },
      { level: 3, type: "unified", bytes: 2 ** 25, sharedBy: 2, instances: 1 },
    ],
    memoryBytes: 24e9,
    operatingSystem: "Linux 6.1",
    node: "20.20.2",
    v8: "11.3",
    version: "0.1.0",
    adapter: null,
    date: "2026-11-25",
    ...change,
  };
}
