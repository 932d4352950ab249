/**
 * New rows written to their places in a cache, in the cache's format: a thread a quad; in int8 a workgroup a row, whose largest
 * element makes its scale. Rows come as float32 from element `first` of a token's row on, `heads` of them a token; each goes to
 * a row of the cache that a table names.
 */
import type { GpuBufferPlan, GpuProgramBuilder } from "./gpu-program.ts";
import { type GpuTraits, workgroupGrid } from "./gpu-traits.ts";
import { type GpuFormat, narrowWgsl, quadType } from "./stored-quads.ts";
import { type WgslKernel, wgslKernel } from "./wgsl-kernel.ts";
import { workgroupReduction } from "./workgroup-reduction.ts";

export interface CacheAppendShape {
  readonly format: GpuFormat;
  readonly rows: number;
  /** Rows of the cache that a token's row is cut into. */
  readonly heads: number;
  /** c: elements of a row of the cache. */
  readonly elements: number;
  readonly first: number;
  readonly tokenStride: number;
}

const threads = 64;

export function cacheAppendKernel(shape: CacheAppendShape, traits: GpuTraits): WgslKernel {
  const { format, rows, heads, elements, first, tokenStride } = shape;
  const quads = Math.ceil(elements / 4);
  const bindings = [
    { name: "added", access: "read", element: "f32" },
    { name: "places", access: "read", element: "u32" },
    { name: "cache", access: "read_write", element: quadType(format) },
  ] as const;
  const name = `cache append in ${format}`;
  // Padding of a row's last quad is zero.
  const component = (i: number): string =>
    `select(0.0, added[min(at + ${i}u, last)], quad * 4u + ${i}u < ${elements}u)`;
  const declarations = `${narrowWgsl(format)}
fn row_start(row: u32) -> u32 { return row / ${heads}u * ${tokenStride}u + ${first}u + row % ${heads}u * ${elements}u; }
fn added_quad(row: u32, quad: u32) -> vec4<f32> {
  let at = row_start(row) + quad * 4u;
  let last = row_start(row) + ${elements - 1}u;
  return vec4<f32>(${[0, 1, 2, 3].map(component).join(", ")});
}`;
  if (format !== "int8") {
    return wgslKernel({
      name,
      threads,
      bindings,
      declarations,
      body: `let index = group * ${threads}u + thread;
  if (index >= ${rows * quads}u) { return; }
  let row = index / ${quads}u;
  let quad = index % ${quads}u;
  cache[places[row] * ${quads}u + quad] = narrowed(added_quad(row, quad));`,
    });
  }
  const { subgroups } = traits;
  const maximum = workgroupReduction("max", threads, 1, subgroups);
  return wgslKernel({
    name,
    threads,
    bindings: [...bindings, { name: "scales", access: "read_write", element: "f32" }],
    subgroups,
    declarations: `${declarations}\n${maximum.declarations}`,
    body: `if (group >= ${rows}u) { return; }
  var largest = 0.0;
  for (var i = thread; i < ${elements}u; i += ${threads}u) { largest = max(largest, abs(added[row_start(group) + i])); }
${maximum.reduce(["largest"])}
  let top = ${maximum.value("0u")};
  let scale = select(top / 127.0, 1.0, top == 0.0);
  for (var quad = thread; quad < ${quads}u; quad += ${threads}u) {
    cache[places[group] * ${quads}u + quad] = narrowed(clamp(added_quad(group, quad) / scale, vec4<f32>(-127.0), vec4<f32>(127.0)));
  }
  if (thread == 0u) { scales[places[group]] = scale; }`,
  });
}

/** Adds the dispatch; scales are those of an int8 cache. */
export function addCacheAppend(
  builder: GpuProgramBuilder,
  shape: CacheAppendShape,
  added: GpuBufferPlan,
  places: GpuBufferPlan,
  cache: GpuBufferPlan,
  scales: GpuBufferPlan | null,
): void {
  const { rows, elements, format } = shape;
  const workgroups = format === "int8" ? rows : Math.ceil((rows * Math.ceil(elements / 4)) / threads);
  const buffers = [added, places, cache, ...(scales === null ? [] : [scales])];
  builder.dispatch(cacheAppendKernel(shape, builder.traits), buffers, workgroupGrid(workgroups, builder.traits));
}
