/** The one place that allocates buffers, compiles pipelines, submits dispatches and reads timestamps. */

import { clockStep, resolvedSeconds } from "./device-clock.ts";
import { emptyKernel } from "./empty-program.ts";
import { allocatedBuffers, mapForReading, bufferUsage as usage } from "./gpu-buffers.ts";
import type { GpuBufferPlan, GpuDispatch, GpuProgram } from "./gpu-program.ts";
import type { OpenDevice } from "./open-device.ts";
import { PipelineCache } from "./pipeline-cache.ts";
import { submissionsOf } from "./submissions.ts";

/** Command buffers under way at a time. */
const submissionsUnderWay = 8;

interface ReadyDispatch {
  readonly pipeline: GPUComputePipeline;
  readonly bindGroup: GPUBindGroup;
  readonly workgroups: readonly [number, number, number];
}

/** A program in the device's memory. */
export interface ReadyProgram {
  readonly dispatches: readonly ReadyDispatch[];
  /** The answer's bytes, a buffer each. */
  read(): Promise<ArrayBuffer[]>;
  release(): void;
}

interface ClockBuffers {
  readonly queries: GPUQuerySet;
  readonly resolved: GPUBuffer;
  readonly readable: GPUBuffer;
}

/** Timestamps that the clock's step is found by. */
const calibrationTimestamps = 32;

export class GpuRunner {
  private readonly open: OpenDevice;
  private readonly pipelines: PipelineCache;
  private clock: Promise<{ readonly buffers: ClockBuffers; readonly stepNanoseconds: number }> | null = null;
  /** The last timed run; the next waits for it, since they share the clock's buffers. */
  private timed: Promise<unknown> = Promise.resolve();

  constructor(open: OpenDevice) {
    this.open = open;
    this.pipelines = new PipelineCache(open.device);
  }

  /** @throws Error for a kernel that does not compile and for memory that the device does not have */
  ready(program: GpuProgram): Promise<ReadyProgram> {
    return this.open.watch.guarded(async () => {
      const buffers = await allocatedBuffers(this.open.device, program);
      const all = [...buffers.values()];
      try {
        const first = await this.bound(program.first, buffers);
        const dispatches = await this.bound(program.dispatches, buffers);
        await this.submitted([first], null);
        const answers = program.output?.buffers.map((plan) => buffers.get(plan) as GPUBuffer) ?? [];
        return this.held(dispatches, all, answers);
      } catch (error) {
        for (const buffer of all) buffer.destroy();
        throw error;
      }
    });
  }

  /** Holds on to nothing but what lies on the device: the program has the numbers that its buffers were filled with. */
  private held(
    dispatches: readonly ReadyDispatch[],
    buffers: readonly GPUBuffer[],
    answers: readonly GPUBuffer[],
  ): ReadyProgram {
    return {
      dispatches,
      read: () => this.read(answers),
      release() {
        for (const buffer of buffers) buffer.destroy();
      },
    };
  }

  /** Runs programs in order, untimed. */
  run(programs: readonly ReadyProgram[]): Promise<void> {
    const all = programs.map(({ dispatches }) => dispatches);
    return this.open.watch.guarded(() => this.submitted(all, null));
  }

  /** Runs programs in order; answers the device's seconds, null where its clock is missing or too coarse. */
  runTimed(programs: readonly ReadyProgram[]): Promise<number | null> {
    const all = programs.map(({ dispatches }) => dispatches);
    if (!this.open.timestamps || all.length === 0) return this.run(programs).then(() => null);
    const seconds = this.timed.then(() => this.open.watch.guarded(() => this.timedRun(all)));
    this.timed = seconds.catch(() => {});
    return seconds;
  }

  private async timedRun(programs: readonly (readonly ReadyDispatch[])[]): Promise<number | null> {
    this.clock ??= this.calibrated();
    const { buffers, stepNanoseconds } = await this.clock;
    await this.submitted(programs, buffers.queries);
    const [begin, end] = await this.timestamps(buffers, 2);
    return resolvedSeconds(begin as bigint, end as bigint, stepNanoseconds);
  }

  private async calibrated() {
    const { device } = this.open;
    const count = calibrationTimestamps;
    const buffers: ClockBuffers = {
      queries: device.createQuerySet({ type: "timestamp", count }),
      resolved: device.createBuffer({ size: 8 * count, usage: usage.queryResolve | usage.copySource }),
      readable: device.createBuffer({ size: 8 * count, usage: usage.mapRead | usage.copyTarget }),
    };
    const empty = await this.bound([{ kernel: emptyKernel, buffers: [], workgroups: [1, 1, 1] }], new Map());
    const encoder = device.createCommandEncoder();
    for (let i = 0; i < count; i += 2) {
      encodePass(encoder, empty, {
        querySet: buffers.queries,
        beginningOfPassWriteIndex: i,
        endOfPassWriteIndex: i + 1,
      });
    }
    device.queue.submit([encoder.finish()]);
    return { buffers, stepNanoseconds: clockStep(await this.timestamps(buffers, count)) };
  }

  private async timestamps({ queries, resolved, readable }: ClockBuffers, count: number): Promise<bigint[]> {
    const { device } = this.open;
    const encoder = device.createCommandEncoder();
    encoder.resolveQuerySet(queries, 0, count, resolved, 0);
    encoder.copyBufferToBuffer(resolved, 0, readable, 0, 8 * count);
    device.queue.submit([encoder.finish()]);
    await readable.mapAsync(mapForReading);
    const values = [...new BigUint64Array(readable.getMappedRange(0, 8 * count))];
    readable.unmap();
    return values;
  }

  /** Submits programs in order and waits until all are done; queries takes begin (0) and end (1). */
  private async submitted(programs: readonly (readonly ReadyDispatch[])[], queries: GPUQuerySet | null): Promise<void> {
    const { queue } = this.open.device;
    const underWay: Promise<void>[] = [];
    const submissions = submissionsOf(programs);
    for (const [i, dispatches] of submissions.entries()) {
      if (underWay.length >= submissionsUnderWay) await underWay.shift();
      const last = i === submissions.length - 1;
      const timing =
        queries === null || (i > 0 && !last)
          ? undefined
          : {
              querySet: queries,
              ...(i === 0 ? { beginningOfPassWriteIndex: 0 } : {}),
              ...(last ? { endOfPassWriteIndex: 1 } : {}),
            };
      const encoder = this.open.device.createCommandEncoder();
      encodePass(encoder, dispatches, timing);
      queue.submit([encoder.finish()]);
      if (!last) underWay.push(queue.onSubmittedWorkDone());
    }
    await queue.onSubmittedWorkDone();
  }

  private async bound(
    dispatches: readonly GpuDispatch[],
    buffers: ReadonlyMap<GpuBufferPlan, GPUBuffer>,
  ): Promise<ReadyDispatch[]> {
    const { device } = this.open;
    const groups = new Map<GPUComputePipeline, Map<string, GPUBindGroup>>();
    const numbers = new Map([...buffers.keys()].map((plan, i) => [plan, i]));
    const ready: ReadyDispatch[] = [];
    // Asked for together, since an engine may compile several at a time.
    const pipelines = await Promise.all(dispatches.map(({ kernel }) => this.pipelines.pipeline(kernel)));
    for (const [i, { kernel, buffers: plans, workgroups }] of dispatches.entries()) {
      const pipeline = pipelines[i] as GPUComputePipeline;
      const own = groups.get(pipeline) ?? new Map<string, GPUBindGroup>();
      groups.set(pipeline, own);
      const key = plans.map((plan) => numbers.get(plan)).join(" ");
      let bindGroup = own.get(key);
      if (bindGroup === undefined) {
        const entries = plans.map((plan, binding) => ({
          binding,
          resource: { buffer: buffers.get(plan) as GPUBuffer },
        }));
        bindGroup = device.createBindGroup({ label: kernel.name, layout: pipeline.getBindGroupLayout(0), entries });
        own.set(key, bindGroup);
      }
      ready.push({ pipeline, bindGroup, workgroups });
    }
    return ready;
  }

  private async read(buffers: readonly GPUBuffer[]): Promise<ArrayBuffer[]> {
    return this.open.watch.guarded(async () => {
      const { device } = this.open;
      const contents: ArrayBuffer[] = [];
      for (const buffer of buffers) {
        const readable = device.createBuffer({ size: buffer.size, usage: usage.mapRead | usage.copyTarget });
        const encoder = device.createCommandEncoder();
        encoder.copyBufferToBuffer(buffer, 0, readable, 0, buffer.size);
        device.queue.submit([encoder.finish()]);
        await readable.mapAsync(mapForReading);
        contents.push(readable.getMappedRange().slice(0));
        readable.destroy();
      }
      return contents;
    });
  }
}

/** One compute pass; WebGPU orders its dispatches where one writes what the next reads. */
function encodePass(
  encoder: GPUCommandEncoder,
  dispatches: readonly ReadyDispatch[],
  timestampWrites: GPUComputePassTimestampWrites | undefined,
): void {
  const pass = encoder.beginComputePass(timestampWrites === undefined ? {} : { timestampWrites });
  let set: GPUComputePipeline | null = null;
  for (const { pipeline, bindGroup, workgroups } of dispatches) {
    if (pipeline !== set) pass.setPipeline(pipeline);
    set = pipeline;
    pass.setBindGroup(0, bindGroup);
    pass.dispatchWorkgroups(...workgroups);
  }
  pass.end();
}
