/** The kernels on a GPU: WGSL over WebGPU, in a browser through navigator.gpu and in Node through Dawn. */
import type { Availability, KernelBackend, PreparedKernel } from "../kernel.ts";
import type { FindGpu } from "./found-gpu.ts";
import { gpuProgramOf } from "./gpu-program-of.ts";
import { GpuRunner, type ReadyProgram } from "./gpu-runner.ts";
import { type DeviceSettings, type OpenDevice, openDevice } from "./open-device.ts";
import { reasonLine } from "./reason-line.ts";

interface Started {
  readonly open: OpenDevice;
  readonly runner: GpuRunner;
}

/** The backend; a device opens with the first work that is prepared, or the first question, and ends with close. */
export function webgpuBackend(find: FindGpu, settings: DeviceSettings = {}): KernelBackend {
  let starting: Promise<Started | string> | null = null;
  const started = (): Promise<Started | string> => {
    starting ??= start(find, settings);
    return starting;
  };
  const ready = new WeakMap<PreparedKernel, { readonly runner: GpuRunner; readonly program: ReadyProgram }>();
  return {
    name: "webgpu",
    async availability(): Promise<Availability> {
      const now = await started();
      if (typeof now === "string") return { available: false, reason: now };
      return { available: true, description: now.open.description };
    },
    async prepare(work) {
      const now = await started();
      if (typeof now === "string") return { refused: true, reason: now };
      const { runner, open } = now;
      const plan = gpuProgramOf(work, open.traits);
      if (typeof plan === "string") return { refused: true, reason: plan };
      const program = await runner.ready(plan);
      const { amount } = plan;
      const readAnswer = plan.output?.read ?? (() => new Float64Array(0));
      const kernel: PreparedKernel = {
        refused: false,
        ...(amount === null ? {} : { amount }),
        run: () => runner.run([program]),
        output: async () => readAnswer(await program.read()),
        release: () => program.release(),
      };
      ready.set(kernel, { runner, program });
      return kernel;
    },
    async runInOrder(kernels) {
      const all = kernels.map((kernel) => {
        const own = ready.get(kernel);
        if (own === undefined) throw new TypeError("a kernel of another backend cannot run on this GPU");
        return own;
      });
      const runner = all[0]?.runner;
      return runner === undefined ? null : runner.runTimed(all.map(({ program }) => program));
    },
    async close() {
      const running = starting;
      starting = null;
      const now = running === null ? null : await running;
      if (now === null || typeof now === "string") return;
      now.open.device.destroy();
      await now.open.device.lost;
    },
  };
}

/** Why not, where no device opens: that is an answer and no failure. */
async function start(find: FindGpu, settings: DeviceSettings): Promise<Started | string> {
  try {
    const open = await openDevice(find, settings);
    return typeof open === "string" ? open : { open, runner: new GpuRunner(open) };
  } catch (error) {
    return `WebGPU does not start: ${reasonLine(error)}`;
  }
}
