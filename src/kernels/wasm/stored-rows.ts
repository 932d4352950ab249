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
  const scale = format === "int8" ? int8Scale(values, from, count) : 1;
  if (format === "int8") view.f32[scaleAt / 4] = scale;
  storePart(view, format, values, from, count, at, scale);
}

/** max |x| / 127 of a row; 1 of a row of zeros. */
export function int8Scale(values: Values, from: number, count: number): number {
  let largest = 0;
  for (let i = 0; i < count; i++) largest = Math.max(largest, Math.abs(values[from + i] as number));
  return largest === 0 ? 1 : largest / 127;
}

/** A row, or a part of one that begins at a multiple of 16, with the row's scale. */
export function storePart(
  view: MemoryView,
  format: WasmFormat,
  values: Values,
  from: number,
  count: number,
  at: number,
  scale: number,
): void {
  const padded = paddedElements(count);
  if (format === "f32") {
    view.f32.set(values.subarray(from, from + count), at / 4);
    view.f32.fill(0, at / 4 + count, at / 4 + padded);
    return;
  }
  if (format === "bf16") storeHalves(view, values, from, count, padded, at);
  else
    for (let i = 0; i < padded; i++)
      view.int8[at + i] = i < count ? Math.round((values[from + i] as number) / scale) : 0;
}

/** Two elements a word, four apart (pairedPosition). */
function storeHalves(view: MemoryView, values: Values, from: number, count: number, padded: number, at: number): void {
  if (wide.length < padded) {
    wide = new Float32Array(padded);
    wideBits = new Int32Array(wide.buffer);
  }
  wide.set(values.subarray(from, from + count));
  wide.fill(0, count, padded);
  for (let i = 0; i < padded; i += 8) {
    for (let j = i; j < i + 4; j++) {
      const low = rounded(wideBits[j] as number) >>> 16;
      const high = rounded(wideBits[j + 4] as number) & 0xffff_0000;
      view.words[at / 4 + i / 2 + (j - i)] = low | high;
    }
  }
}

/** Bits of a float32 whose upper half is rounded to nearest, ties to even. */
function rounded(bits: number): number {
  return bits + 0x7fff + ((bits >>> 16) & 1);
}

let wide: Float32Array = new Float32Array(4096);
let wideBits: Int32Array = new Int32Array(wide.buffer);

/** The `count` values that a row at byte `at` stands for. */
export function loadRow(
  view: MemoryView,
  format: WasmFormat,
  at: number,
  scaleAt: number,
  count: number,
): Float32Array {
  if (format === "f32") return view.f32.slice(at / 4, at / 4 + count);
  if (format === "int8") {
    const scale = view.f32[scaleAt / 4] as number;
    return Float32Array.from(view.int8.subarray(at, at + count), (n) => n * scale);
  }
  const bits = (i: number): number => view.bf16[at / 2 + (i & ~7) + pairedPosition(i & 7)] as number;
  return new Float32Array(Uint32Array.from({ length: count }, (_, i) => bits(i) * 0x10000).buffer);
}

/** Where element i of 8 lies. */
function pairedPosition(i: number): number {
  return i < 4 ? 2 * i : 2 * i - 7;
}
