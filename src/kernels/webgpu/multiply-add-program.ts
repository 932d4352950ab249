/**
 * acc = acc · a + b in registers, for what a GPU's arithmetic gives. A narrower format's operands are widened once for all chains
 * of a turn, as kernels widen a quad once for all their queries; arithmetic is float32.
 */
import type { MultiplyAddWork } from "../kernel.ts";
import { floatsReader, type GpuProgram, GpuProgramBuilder } from "./gpu-program.ts";
import { busyWorkgroups, type GpuTraits, workgroupGrid } from "./gpu-traits.ts";
import { type GpuFormat, quadType, widenWgsl } from "./stored-quads.ts";
import { unrolled, wgslKernel } from "./wgsl-kernel.ts";

const threads = 256;
/** Chains of multiply-adds that a thread keeps going at a time, four lanes each. */
const chains = 8;

export function multiplyAddProgram(work: MultiplyAddWork, format: GpuFormat, traits: GpuTraits): GpuProgram {
  const builder = new GpuProgramBuilder(traits);
  const perTurn = busyWorkgroups * threads * chains * 4;
  const turns = Math.max(1, Math.ceil(work.multiplyAdds / perTurn));
  const operands = builder.buffer("operands", threads * 16, (into) => {
    // Factors between 0 and 1 in every format, so that nothing grows: int8 alternates between 0 and 1.
    new Uint8Array(into).fill(format === "int8" ? 0 : 0x30);
  });
  const results = builder.buffer("results", 4 * busyWorkgroups);
  const kernel = wgslKernel({
    name: `multiply-adds of ${format}`,
    threads,
    bindings: [
      { name: "operands", access: "read", element: quadType(format) },
      { name: "results", access: "read_write", element: "f32" },
    ],
    declarations: widenWgsl(format),
    body: `var operand = operands[thread];
${unrolled(chains, (i) => `  var chain${i} = vec4<f32>(${i}.5);`)}
  for (var turn = 0u; turn < ${turns}u; turn++) {
    let factor = widened(operand);
${unrolled(chains, (i) => `    chain${i} = fma(chain${i}, factor, vec4<f32>(0.125));`)}
    operand = ${nextOperand(format)};
  }
  let sum = ${Array.from({ length: chains }, (_, i) => `chain${i}`).join(" + ")};
  // Never true, which no compiler can know: all threads' sums are needed, but only one is written.
  if (thread == 0u || sum.x == -1.0) { results[group] = dot(sum, vec4<f32>(1.0)); }`,
  });
  builder.dispatch(kernel, [operands, results], workgroupGrid(busyWorkgroups, traits));
  return builder.program({ buffers: [results], read: floatsReader(busyWorkgroups) }, { amount: turns * perTurn });
}

/** Another operand for the next turn, by one cheap operation that keeps it small; float32 needs no widening and stays. */
function nextOperand(format: GpuFormat): string {
  if (format === "f32") return "operand";
  return format === "int8" ? "operand ^ 1u" : "operand ^ vec2<u32>(1u)";
}
