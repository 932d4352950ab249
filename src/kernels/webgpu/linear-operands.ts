/** What the kernels of a linear layer share: y[T, n] = x[T, k] W[n, k]ᵀ + bias[n], with W in quads of k, and x too where it can. */
import { type GpuFormat, quadType } from "./stored-quads.ts";
import type { WgslBinding, WgslKernel } from "./wgsl-kernel.ts";

export interface LinearKernelShape {
  /** T. */
  readonly tokens: number;
  /** k. */
  readonly inFeatures: number;
  /** Rows of x follow one another without padding, which matters where k is no multiple of 4. */
  readonly packedInput: boolean;
  /** n, and the part [firstRow, firstRow + rows) of it that the weights' buffer holds. */
  readonly outFeatures: number;
  readonly firstRow: number;
  readonly rows: number;
  readonly format: GpuFormat;
  readonly bias: boolean;
}

export interface GriddedKernel {
  readonly kernel: WgslKernel;
  readonly workgroups: number;
}

function isUnaligned({ packedInput, inFeatures }: LinearKernelShape): boolean {
  return packedInput && inFeatures % 4 !== 0;
}

/** The function that loads a quad of x, of single floats where rows don't begin at a quad. */
export function inputWgsl(shape: LinearKernelShape): string {
  const { inFeatures } = shape;
  const inQuads = Math.ceil(inFeatures / 4);
  const head = "fn input_quad(token: u32, quad: u32) -> vec4<f32>";
  if (!isUnaligned(shape)) return `${head} { return inputs[token * ${inQuads}u + quad]; }`;
  const component = (i: number): string =>
    `select(0.0, inputs[min(at + ${i}u, last)], quad * 4u + ${i}u < ${inFeatures}u)`;
  return `${head} {
  let at = token * ${inFeatures}u + quad * 4u;
  let last = token * ${inFeatures}u + ${inFeatures - 1}u;
  return vec4<f32>(${[0, 1, 2, 3].map(component).join(", ")});
}`;
}

export function linearBindings(shape: LinearKernelShape): WgslBinding[] {
  const { format, bias } = shape;
  const bindings: WgslBinding[] = [
    { name: "inputs", access: "read", element: isUnaligned(shape) ? "f32" : "vec4<f32>" },
    { name: "weights", access: "read", element: quadType(format) },
    { name: "outputs", access: "read_write", element: "f32" },
  ];
  if (format === "int8") bindings.push({ name: "scales", access: "read", element: "f32" });
  if (bias) bindings.push({ name: "bias", access: "read", element: "f32" });
  return bindings;
}

/** What becomes of a sum: the row's scale, then its bias. */
export function finishedOutput(shape: LinearKernelShape, sum: string, row: string): string {
  const scaled = shape.format === "int8" ? `${sum} * scales[${row}]` : sum;
  return shape.bias ? `${scaled} + bias[${shape.firstRow}u + ${row}]` : scaled;
}
