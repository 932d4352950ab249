/** One workgroup of one thread that does nothing: what a start costs. */
import { type GpuProgram, GpuProgramBuilder } from "./gpu-program.ts";
import type { GpuTraits } from "./gpu-traits.ts";
import { type WgslKernel, wgslKernel } from "./wgsl-kernel.ts";

export const emptyKernel: WgslKernel = wgslKernel({ name: "empty", threads: 1, bindings: [], body: "" });

export function emptyProgram(traits: GpuTraits): GpuProgram {
  const builder = new GpuProgramBuilder(traits);
  builder.dispatch(emptyKernel, [], [1, 1, 1]);
  return builder.program(null);
}
