/** A program's buffers in the device's memory, filled. */

import type { GpuBufferPlan, GpuProgram } from "./gpu-program.ts";
import { oneLine, reasonLine } from "./reason-line.ts";

/** GPUBufferUsage and GPUMapMode by number (WebGPU, section 5.1), since Node has no such globals. */
export const bufferUsage = {
  mapRead: 0x1,
  copySource: 0x4,
  copyTarget: 0x8,
  storage: 0x80,
  queryResolve: 0x200,
} as const;
export const mapForReading = 1;

/** @throws Error that names the buffer that the device has no room for; none is left allocated then */
export async function allocatedBuffers(
  device: GPUDevice,
  { buffers: plans, draw }: Pick<GpuProgram, "buffers" | "draw">,
): Promise<Map<GpuBufferPlan, GPUBuffer>> {
  const buffers = new Map<GpuBufferPlan, GPUBuffer>();
  const outcomes = plans.map(async (plan) => {
    // Scopes are a stack of the device's: pushed and popped without waiting in between, they hold this buffer's errors alone.
    device.pushErrorScope("out-of-memory");
    device.pushErrorScope("validation");
    const thrown = createFilled(device, plan, buffers);
    const reported = await Promise.all([device.popErrorScope(), device.popErrorScope()]);
    const [error] = reported.filter((found) => found !== null);
    const reason = error === undefined ? thrown : oneLine(error.message);
    return reason === null ? null : { plan, reason };
  });
  const failed = (await Promise.all(outcomes)).find((outcome) => outcome !== null);
  try {
    if (failed !== undefined) {
      const { plan, reason } = failed;
      throw new Error(`the GPU has no room for the ${plan.name} of ${plan.bytes} bytes: ${reason}`);
    }
    await draw?.((plan) => drawnContents(buffers, plan));
    for (const [plan, buffer] of buffers) if (plan.fill === "drawn") buffer.unmap();
    return buffers;
  } catch (error) {
    for (const buffer of buffers.values()) buffer.destroy();
    throw error;
  }
}

/** What was thrown, since a mapping that the process has no memory for is no error of the device's. */
function createFilled(device: GPUDevice, plan: GpuBufferPlan, buffers: Map<GpuBufferPlan, GPUBuffer>): string | null {
  try {
    const buffer = device.createBuffer({
      label: plan.name,
      size: plan.bytes,
      mappedAtCreation: plan.fill !== null,
      usage: bufferUsage.storage | bufferUsage.copySource,
    });
    buffers.set(plan, buffer);
    if (plan.fill === null || plan.fill === "drawn") return null;
    plan.fill(buffer.getMappedRange());
    buffer.unmap();
    return null;
  } catch (error) {
    return reasonLine(error);
  }
}

const mappedRanges: WeakMap<GPUBuffer, ArrayBuffer> = new WeakMap();

/** The mapped contents of a drawn buffer, which may be asked for only once a buffer. */
function drawnContents(buffers: ReadonlyMap<GpuBufferPlan, GPUBuffer>, plan: GpuBufferPlan): ArrayBuffer {
  const buffer = buffers.get(plan) as GPUBuffer;
  const range = mappedRanges.get(buffer) ?? buffer.getMappedRange();
  mappedRanges.set(buffer, range);
  return range;
}
