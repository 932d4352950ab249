/** A row as a kernel stored it, widened again: what the answer of a cache append is read by. */
import { type GpuFormat, quadsOf } from "./stored-quads.ts";

export function unstoredRow(
  contents: ArrayBuffer,
  format: GpuFormat,
  row: number,
  elements: number,
  scales: ArrayBuffer | undefined,
): Float32Array {
  const at = row * quadsOf(elements) * 4;
  if (format === "f32") return new Float32Array(contents, 4 * at, elements);
  if (format === "int8") {
    const scale = scales === undefined ? 1 : (new Float32Array(scales)[row] as number);
    return Float32Array.from(new Int8Array(contents, at, elements), (n) => n * scale);
  }
  const halves = new Uint16Array(contents, 2 * at, elements);
  if (format === "f16") return Float32Array.from(halves, f16Value);
  return new Float32Array(Uint32Array.from(halves, (bits) => bits << 16).buffer);
}

/** Reads rows, and of int8 their scales from a second buffer, as [rows, elements]. */
export function storedRowsReader(
  format: GpuFormat,
  rows: number,
  elements: number,
): (contents: readonly ArrayBuffer[]) => Float64Array {
  return ([contents, scales]) => {
    const output = new Float64Array(rows * elements);
    for (let row = 0; row < rows; row++) {
      output.set(unstoredRow(contents as ArrayBuffer, format, row, elements, scales), row * elements);
    }
    return output;
  };
}

/** The number that 16 bits of IEEE half precision stand for. */
export function f16Value(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
}
