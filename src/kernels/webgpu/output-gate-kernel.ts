/** The output gate of attention: o[T, w] *= sigmoid(gate), gates from element `first` of rows of `stride` elements on. */
import { sigmoidWgsl, elementwiseThreads as threads } from "./elementwise-grid.ts";
import { type WgslKernel, wgslKernel } from "./wgsl-kernel.ts";

export function outputGateKernel(tokens: number, width: number, first: number, stride: number): WgslKernel {
  return wgslKernel({
    name: "output gate",
    threads,
    bindings: [
      { name: "outputs", access: "read_write", element: "f32" },
      { name: "gates", access: "read", element: "f32" },
    ],
    declarations: sigmoidWgsl,
    body: `let i = group * ${threads}u + thread;
  if (i >= ${tokens * width}u) { return; }
  outputs[i] *= sigmoid(gates[i / ${width}u * ${stride}u + ${first}u + i % ${width}u]);`,
  });
}
