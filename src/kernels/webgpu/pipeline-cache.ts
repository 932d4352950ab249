/** Compiled kernels by their text, so that equal layers and equal work share one; the least recently used goes first. */
import { oneLine, reasonLine } from "./reason-line.ts";
import type { WgslKernel } from "./wgsl-kernel.ts";

const mostPipelines = 256;

export class PipelineCache {
  private readonly device: GPUDevice;
  private readonly compiled = new Map<string, Promise<GPUComputePipeline>>();

  constructor(device: GPUDevice) {
    this.device = device;
  }

  /** @throws Error that names the kernel and, where the compiler does, the line */
  pipeline(kernel: WgslKernel): Promise<GPUComputePipeline> {
    const known = this.compiled.get(kernel.wgsl);
    this.compiled.delete(kernel.wgsl);
    const pipeline = known ?? compiledPipeline(this.device, kernel);
    this.compiled.set(kernel.wgsl, pipeline);
    pipeline.catch(() => this.compiled.delete(kernel.wgsl));
    for (const oldest of this.compiled.keys()) {
      if (this.compiled.size <= mostPipelines) break;
      this.compiled.delete(oldest);
    }
    return pipeline;
  }
}

async function compiledPipeline(device: GPUDevice, kernel: WgslKernel): Promise<GPUComputePipeline> {
  // The error of a module that does not compile is read from its messages below.
  device.pushErrorScope("validation");
  const module = device.createShaderModule({ code: kernel.wgsl, label: kernel.name });
  const scope = device.popErrorScope();
  const { messages } = await module.getCompilationInfo();
  await scope;
  const error = messages.find(({ type }) => type === "error");
  if (error !== undefined) {
    const line = kernel.wgsl.split("\n")[error.lineNum - 1]?.trim() ?? "";
    throw new Error(
      `the kernel "${kernel.name}" does not compile: line ${error.lineNum}: ${oneLine(error.message)} in: ${line}`,
    );
  }
  const compute = { module, entryPoint: "main" };
  try {
    return await device.createComputePipelineAsync({ label: kernel.name, layout: "auto", compute });
  } catch (error) {
    throw new Error(`the kernel "${kernel.name}" does not compile: ${reasonLine(error)}`);
  }
}
