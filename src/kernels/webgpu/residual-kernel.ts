/** The residual addition, into the stream itself or beside it. */
import { elementwiseThreads as threads } from "./elementwise-grid.ts";
import { type WgslKernel, wgslKernel } from "./wgsl-kernel.ts";

/** x += y, where x may be a buffer that later kernels go on with. */
export function residualKernel(elements: number): WgslKernel {
  return wgslKernel({
    name: "residual",
    threads,
    bindings: [
      { name: "stream", access: "read_write", element: "f32" },
      { name: "added", access: "read", element: "f32" },
    ],
    body: `let i = group * ${threads}u + thread;
  if (i >= ${elements}u) { return; }
  stream[i] += added[i];`,
  });
}

/** out = x + y. */
export function sumKernel(elements: number): WgslKernel {
  return wgslKernel({
    name: "residual",
    threads,
    bindings: [
      { name: "first", access: "read", element: "f32" },
      { name: "second", access: "read", element: "f32" },
      { name: "outputs", access: "read_write", element: "f32" },
    ],
    body: `let i = group * ${threads}u + thread;
  if (i >= ${elements}u) { return; }
  outputs[i] = first[i] + second[i];`,
  });
}
