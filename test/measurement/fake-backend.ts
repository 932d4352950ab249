/** A backend without kernels and a clock that only its runs move, so that the method of timing is tested to the digit. */
import type { KernelBackend, KernelWork, PreparedKernel, RefusedKernel } from "../../src/kernels/kernel.ts";
import type { Clock } from "../../src/measurement/clock.ts";

export interface FakeClock extends Clock {
  /** Moves on. */
  pass(seconds: number): void;
  /** Seconds that were asked for as pauses. */
  readonly paused: { seconds: number };
}

/** Shows whole multiples of its resolution. */
export function fakeClock(resolutionSeconds = 1e-7): FakeClock {
  let seconds = 0;
  const paused = { seconds: 0 };
  return {
    resolutionSeconds,
    nowSeconds: () => Math.floor(seconds / resolutionSeconds + 1e-6) * resolutionSeconds,
    pause: async (length) => {
      paused.seconds += length;
      seconds += length;
    },
    pass: (length) => {
      seconds += length;
    },
    paused,
  };
}

export interface FakeBackend extends KernelBackend {
  /** Work that was prepared, in order. */
  readonly prepared: KernelWork[];
  /** Runs of each prepared kernel. */
  readonly runs: Map<PreparedKernel, number>;
  readonly released: PreparedKernel[];
  readonly closed: { times: number };
}

export interface FakeSettings {
  /** Seconds of the n-th run (from 0) of any kernel. */
  readonly seconds?: (run: number, work: KernelWork) => number;
  /** Whether the backend has a clock of its own. */
  readonly deviceClock?: boolean;
  readonly prepare?: (work: KernelWork) => RefusedKernel | null;
  readonly name?: KernelBackend["name"];
}

export function fakeBackend(clock: FakeClock, settings: FakeSettings = {}): FakeBackend {
  const { seconds = () => 1e-3, deviceClock = false } = settings;
  const prepared: KernelWork[] = [];
  const runs = new Map<PreparedKernel, number>();
  const works = new Map<PreparedKernel, KernelWork>();
  const released: PreparedKernel[] = [];
  const closed = { times: 0 };
  let run = 0;
  const once = (kernel: PreparedKernel): number => {
    const took = seconds(run++, works.get(kernel) as KernelWork);
    runs.set(kernel, (runs.get(kernel) ?? 0) + 1);
    clock.pass(took);
    return took;
  };
  return {
    name: settings.name ?? "wasm",
    prepared,
    runs,
    released,
    closed,
    availability: async () => ({ available: true, description: "a fake" }),
    async prepare(work) {
      prepared.push(work);
      const refused = settings.prepare?.(work) ?? null;
      if (refused !== null) return refused;
      const kernel: PreparedKernel = {
        refused: false,
        run: async () => void once(kernel),
        output: async () => new Float64Array(0),
        release: () => released.push(kernel),
      };
      works.set(kernel, work);
      return kernel;
    },
    async runInOrder(kernels) {
      let sum = 0;
      for (const kernel of kernels) sum += once(kernel);
      return deviceClock ? sum : null;
    },
    close: async () => {
      closed.times += 1;
    },
  };
}

/** A prepared kernel of the fake. */
export async function preparedOf(backend: KernelBackend, copies = 1): Promise<PreparedKernel[]> {
  const kernels: PreparedKernel[] = [];
  for (let i = 0; i < copies; i++) {
    const kernel = await backend.prepare({ kind: "empty" });
    if (!kernel.refused) kernels.push(kernel);
  }
  return kernels;
}
