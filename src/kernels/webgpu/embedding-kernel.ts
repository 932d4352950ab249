/** Embedding lookup: each token's row of a table, a thread an element. */
import { type GpuFormat, quadType, widenWgsl } from "./stored-quads.ts";
import { type WgslBinding, type WgslKernel, wgslKernel } from "./wgsl-kernel.ts";

export interface EmbeddingShape {
  readonly tokens: number;
  /** Elements of a row. */
  readonly width: number;
  readonly format: GpuFormat;
  /** The buffer holds rows [firstRow, firstRow + rows) of the table; a token of another part is left to its own. */
  readonly firstRow: number;
  readonly rows: number;
}

const threads = 64;

export function embeddingKernel({ tokens, width, format, firstRow, rows }: EmbeddingShape): WgslKernel {
  const bindings: WgslBinding[] = [
    { name: "chosen", access: "read", element: "u32" },
    { name: "table", access: "read", element: quadType(format) },
    { name: "outputs", access: "read_write", element: "f32" },
  ];
  if (format === "int8") bindings.push({ name: "scales", access: "read", element: "f32" });
  const scale = format === "int8" ? " * scales[row]" : "";
  return wgslKernel({
    name: `embedding over ${format}`,
    threads,
    bindings,
    declarations: widenWgsl(format),
    body: `let index = group * ${threads}u + thread;
  if (index >= ${tokens * width}u) { return; }
  let token = chosen[index / ${width}u];
  let i = index % ${width}u;
  if (token < ${firstRow}u || token >= ${firstRow + rows}u) { return; }
  let row = token - ${firstRow}u;
  outputs[index] = widened(table[row * ${Math.ceil(width / 4)}u + i / 4u])[i % 4u]${scale};`,
  });
}

/** Workgroups of the kernel. */
export function embeddingWorkgroups({ tokens, width }: EmbeddingShape): number {
  return Math.ceil((tokens * width) / threads);
}
