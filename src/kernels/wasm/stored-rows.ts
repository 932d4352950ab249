/**
 * Rows written in the format that the kernels read: padded with zeros to a multiple of 16 elements.
 *   bf16  rounded to nearest even; each 8 elements as 0 4 1 5 2 6 3 7 (assembly/stored.ts says why)
 *   int8  x ≈ scale · n with n in −127 … 127 and scale = max |x| / 127, one a row
 */
import type { StorageFormat, Values } from "../kernel.ts";
import type { MemoryView } from "./memory-view.ts";
import { roundUp } from "./wasm-job.ts";

export type WasmFormat = "f32" | "bf16" | "int8";

/** How the kernels number formats. */
export const formatNumbers: Readonly<Record<WasmFormat, number>> = { f32: 0, bf16: 1, int8: 2 };
const bytesOf: Readonly<Record<WasmFormat, number>> = { f32: 4, bf16: 2, int8: 1 };

export function isWasmFormat(format: StorageFormat): format is WasmFormat {
  return Object.hasOwn(formatNumbers, format);
}

/** Elements of a stored row of `elements`. */
export function paddedElements(elements: number): number {
  return roundUp(elements, 16);
}

/** Bytes of a stored row of `elements`, its scale aside. */
export function rowBytes(format: WasmFormat, elements: number): number {
  return paddedElements(elements) * bytesOf[format];
}

/** Writes `count` values from `from` on as one row at byte `at`; `scaleAt` is the byte of the row's scale, for int8. */
export function storeRow(
  view: MemoryView,
  format: WasmFormat,
  values: Values,
  from: number,
  count: number,
  at: number,
  scaleAt: number,
): void {
  const padded = paddedElements(count);
  if (format === "f32") {
    view.f32.set(values.subarray(from, from + count), at / 4);
    view.f32.fill(0, at / 4 + count, at / 4 + padded);
  } else if (format === "bf16") {
    for (let i = 0; i < padded; i++) {
      const value = i < count ? (values[from + i] as number) : 0;
      view.bf16[at / 2 + (i & ~7) + pairedPosition(i & 7)] = bf16Bits(value);
    }
  } else {
    storeInt8(view, values, from, count, padded, at, scaleAt);
  }
}

/** Where element i of 8 lies. */
function pairedPosition(i: number): number {
  return i < 4 ? 2 * i : 2 * i - 7;
}

function storeInt8(
  view: MemoryView,
  values: Values,
  from: number,
  count: number,
  padded: number,
  at: number,
  scaleAt: number,
): void {
  let largest = 0;
  for (let i = 0; i < count; i++) largest = Math.max(largest, Math.abs(values[from + i] as number));
  const scale = largest === 0 ? 1 : largest / 127;
  view.f32[scaleAt / 4] = scale;
  for (let i = 0; i < padded; i++) view.int8[at + i] = i < count ? Math.round((values[from + i] as number) / scale) : 0;
}

const scratch: Float32Array = new Float32Array(1);
const scratchBits: Uint32Array = new Uint32Array(scratch.buffer);

/** The upper half of a float32, rounded to nearest, ties to even. */
export function bf16Bits(value: number): number {
  scratch[0] = value;
  const bits = scratchBits[0] as number;
  return (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
}
