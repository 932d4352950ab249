/** A linear layer of many rows: tiles of outputs by rows, with tiles of x and W in workgroup memory, widened. */
import type { GpuTraits } from "./gpu-traits.ts";
import {
  finishedOutput,
  type GriddedKernel,
  inputWgsl,
  type LinearKernelShape,
  linearBindings,
} from "./linear-operands.ts";
import { widenWgsl } from "./stored-quads.ts";
import { unrolled, wgslKernel } from "./wgsl-kernel.ts";

/** Quads of k that a tile holds at a time. */
const tileQuads = 4;

export function tiledLinearKernel(shape: LinearKernelShape, traits: GpuTraits): GriddedKernel {
  const { tokens, rows, outFeatures, firstRow, format } = shape;
  const inQuads = Math.ceil(shape.inFeatures / 4);
  // 16 × 16 threads of 4 × 4 outputs, or of 2 × 2 where there would be too few workgroups for a large GPU.
  const across = traits.workgroupThreads >= 256 ? 16 : 8;
  const wide = Math.ceil(rows / (4 * across)) * Math.ceil(tokens / (4 * across)) >= 256;
  const own = wide ? 4 : 2;
  const tile = own * across;
  const threads = across * across;
  const down = Math.ceil(tokens / tile);
  const workgroups = Math.ceil(rows / tile) * down;
  const depth = tileQuads * 4;
  // One float more a line, so that threads that write a column use different banks.
  const line = tile + 1;
  const load = (
    name: string,
    value: string,
  ): string => `    for (var i = thread; i < ${tile * tileQuads}u; i += ${threads}u) {
      let row = i / ${tileQuads}u;
      let quad = i % ${tileQuads}u;
      var loaded = vec4<f32>();
      if (begin + quad < ${inQuads}u) { loaded = ${value}; }
${unrolled(4, (c) => `      ${name}[(quad * 4u + ${c}u) * ${line}u + row] = loaded[${c}];`)}
    }`;
  const kernel = wgslKernel({
    name: `linear of ${tokens} rows over ${format}`,
    threads,
    bindings: linearBindings(shape),
    declarations: `${widenWgsl(format)}
${inputWgsl(shape)}
var<workgroup> inputTile: array<f32, ${depth * line}>;
var<workgroup> weightTile: array<f32, ${depth * line}>;`,
    body: `if (group >= ${workgroups}u) { return; }
  let firstToken = (group % ${down}u) * ${tile}u;
  let first = (group / ${down}u) * ${tile}u;
  let x = thread % ${across}u;
  let y = thread / ${across}u;
${unrolled(own * own, (i) => `  var sum${i} = 0.0;`)}
  for (var begin = 0u; begin < ${inQuads}u; begin += ${tileQuads}u) {
${load("inputTile", `input_quad(min(firstToken + row, ${tokens - 1}u), begin + quad)`)}
${load("weightTile", `widened(weights[min(first + row, ${rows - 1}u) * ${inQuads}u + begin + quad])`)}
    workgroupBarrier();
    for (var i = 0u; i < ${depth}u; i++) {
${unrolled(own, (i) => `      let input${i} = inputTile[i * ${line}u + y + ${i * across}u];`)}
${unrolled(own, (i) => `      let weight${i} = weightTile[i * ${line}u + x + ${i * across}u];`)}
${unrolled(own * own, (i) => `      sum${i} += input${Math.floor(i / own)} * weight${i % own};`)}
    }
    workgroupBarrier();
  }
${unrolled(own * own, (i) => {
  const token = `token${i}`;
  const row = `row${i}`;
  return `  let ${token} = firstToken + y + ${Math.floor(i / own) * across}u;
  let ${row} = first + x + ${(i % own) * across}u;
  if (${token} < ${tokens}u && ${row} < ${rows}u) {
    outputs[${token} * ${outFeatures}u + ${firstRow}u + ${row}] = ${finishedOutput(shape, `sum${i}`, row)};
  }`;
})}`,
  });
  return { kernel, workgroups };
}
