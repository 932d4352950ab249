/**
 * A linear layer of few rows: a workgroup makes a few outputs of all rows, its threads going over k together, so that W streams
 * through once in whole cache lines; the threads' sums are then reduced.
 */
import { type GpuTraits, powerOfTwoAbove, powerOfTwoBelow } from "./gpu-traits.ts";
import {
  finishedOutput,
  type GriddedKernel,
  inputWgsl,
  type LinearKernelShape,
  linearBindings,
} from "./linear-operands.ts";
import { widenWgsl } from "./stored-quads.ts";
import { unrolled, wgslKernel } from "./wgsl-kernel.ts";
import { workgroupReduction } from "./workgroup-reduction.ts";

/** Null where the device's workgroups have no room for the sums. */
export function streamedLinearKernel(shape: LinearKernelShape, traits: GpuTraits): GriddedKernel | null {
  const { tokens, rows, outFeatures, firstRow, format } = shape;
  const inQuads = Math.ceil(shape.inFeatures / 4);
  const { subgroups } = traits;
  // A thread takes some 8 quads of each row where there are as many.
  const threads = Math.min(powerOfTwoBelow(traits.workgroupThreads), Math.max(64, powerOfTwoAbove(inQuads / 8)), 256);
  const each = tokens <= 4 ? 4 : 2;
  const sums = each * tokens;
  const reduction = workgroupReduction("sum", threads, sums, subgroups);
  if (reduction.bytes > traits.workgroupBytes) return null;
  const workgroups = Math.ceil(rows / each);
  const names = Array.from({ length: sums }, (_, i) => `sum${i}`);
  const kernel = wgslKernel({
    name: `linear of ${tokens} ${tokens === 1 ? "row" : "rows"} over ${format}`,
    threads,
    bindings: linearBindings(shape),
    subgroups,
    declarations: `${widenWgsl(format)}\n${inputWgsl(shape)}\n${reduction.declarations}`,
    body: `if (group >= ${workgroups}u) { return; }
  let first = group * ${each}u;
${names.map((name) => `  var ${name} = 0.0;`).join("\n")}
  for (var i = thread; i < ${inQuads}u; i += ${threads}u) {
${unrolled(each, (r) => `    let weight${r} = widened(weights[min(first + ${r}u, ${rows - 1}u) * ${inQuads}u + i]);`)}
${unrolled(
  tokens,
  (t) => `    let input${t} = input_quad(${t}u, i);
${unrolled(each, (r) => `    sum${r * tokens + t} += dot(weight${r}, input${t});`)}`,
)}
  }
${reduction.reduce(names)}
  if (thread < ${sums}u) {
    let row = first + thread / ${tokens}u;
    if (row < ${rows}u) {
      let sum = ${reduction.value("thread")};
      outputs[(thread % ${tokens}u) * ${outFeatures}u + ${firstRow}u + row] = ${finishedOutput(shape, "sum", "row")};
    }
  }`,
  });
  return { kernel, workgroups };
}
