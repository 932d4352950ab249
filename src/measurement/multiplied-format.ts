/**
 * In which format a backend's kernel multiplies where that is another than its activations': the WebAssembly kernels of one
 * vector against int8 rows (a linear layer of one row; attention, whose queries take a block one after the other) multiply in
 * 16-bit integers, as the work does that the machine's int8 peak is measured by (kernels/wasm/assembly/int8-products.ts). All
 * else is widened to fp32.
 */
import type { ComputeFormat } from "../quantity/number-format.ts";
import type { GridRow } from "./measured-shape.ts";

/** Null where it multiplies in the format of its activations. */
export function multipliedFormat({ backend, shape }: Pick<GridRow, "backend" | "shape">): ComputeFormat | null {
  if (backend !== "wasm" || shape.dtype !== "int8") return null;
  const oneVector = shape.kind === "attention" || (shape.kind === "linear" && shape.m === 1);
  return oneVector ? "int8" : null;
}
