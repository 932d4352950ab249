/**
 * How keys, values and weights lie in storage buffers: rows padded with zeros to quads of four elements, and how a kernel
 * widens a quad to vec4<f32>. No feature is needed: float16 is unpacked by a builtin, the others by shifts.
 *   f32   4 words a quad
 *   f16   2 words: IEEE half precision, rounded to nearest even
 *   bf16  2 words: the upper half of a float32, rounded to nearest even
 *   int8  1 word: x ≈ scale · n, n in −127 … 127, scale = max |x| / 127, one a row in a buffer of its own
 */
import { bf16Bits, f16Bits } from "../half-precision.ts";
import type { StorageFormat, Values } from "../kernel.ts";

export type GpuFormat = "f32" | "f16" | "bf16" | "int8";

const bytesOf: Readonly<Record<GpuFormat, number>> = { f32: 16, f16: 8, bf16: 8, int8: 4 };

export function isGpuFormat(format: StorageFormat): format is GpuFormat {
  return Object.hasOwn(bytesOf, format);
}

/** Bytes of a quad, its scale aside. */
export function quadBytes(format: GpuFormat): number {
  return bytesOf[format];
}

/** WGSL type of a quad. */
export function quadType(format: GpuFormat): string {
  const types = { f32: "vec4<f32>", f16: "vec2<u32>", bf16: "vec2<u32>", int8: "u32" };
  return types[format];
}

/** The function that widens a quad: `widened(quad) -> vec4<f32>`, for int8 without its scale. */
export function widenWgsl(format: GpuFormat): string {
  const bodies = {
    f32: "quad",
    f16: "vec4<f32>(unpack2x16float(quad.x), unpack2x16float(quad.y))",
    bf16: "bitcast<vec4<f32>>(vec4<u32>(quad.x << 16u, quad.x & 0xffff0000u, quad.y << 16u, quad.y & 0xffff0000u))",
    int8: "vec4<f32>((vec4<i32>(bitcast<i32>(quad)) << vec4<u32>(24u, 16u, 8u, 0u)) >> vec4<u32>(24u))",
  };
  return `fn widened(quad: ${quadType(format)}) -> vec4<f32> { return ${bodies[format]}; }`;
}

/** The function that narrows a quad: `narrowed(values) -> quad`; int8 takes values that are divided by their scale already. */
export function narrowWgsl(format: GpuFormat): string {
  const bodies = {
    f32: "  return values;",
    f16: "  return vec2<u32>(pack2x16float(values.xy), pack2x16float(values.zw));",
    bf16: `  let bits = bitcast<vec4<u32>>(values);
  let upper = (bits + 0x7fffu + ((bits >> vec4<u32>(16u)) & vec4<u32>(1u))) >> vec4<u32>(16u);
  return vec2<u32>(upper.x | (upper.y << 16u), upper.z | (upper.w << 16u));`,
    int8: `  let bits = bitcast<vec4<u32>>(vec4<i32>(round(values))) & vec4<u32>(255u);
  return bits.x | (bits.y << 8u) | (bits.z << 16u) | (bits.w << 24u);`,
  };
  return `fn narrowed(values: vec4<f32>) -> ${quadType(format)} {\n${bodies[format]}\n}`;
}

/** Quads of a row. */
export function quadsOf(elements: number): number {
  return Math.ceil(elements / 4);
}

/** Bytes of `rows` rows of `elements`, their scales aside. */
export function storedBytes(format: GpuFormat, rows: number, elements: number): number {
  return rows * quadsOf(elements) * quadBytes(format);
}

/** Scale of `count` values from `from` on; 1 for a row of zeros. */
export function rowScale(values: Values, from: number, count: number): number {
  let largest = 0;
  for (let i = from; i < from + count; i++) largest = Math.max(largest, Math.abs(values[i] as number));
  return largest === 0 ? 1 : Math.fround(largest / 127);
}

/** Writes the scale of a row of int8, as storeRow divides by it. */
export function storeScale(into: ArrayBuffer, row: number, values: Values, from: number, count: number): void {
  new Float32Array(into, 4 * row, 1)[0] = rowScale(values, from, count);
}

/** Writes one row of `count` values from `from` on at row `row` of `into`; padding stays zero. */
export function storeRow(
  into: ArrayBuffer,
  format: GpuFormat,
  row: number,
  values: Values,
  from: number,
  count: number,
): void {
  const at = row * quadsOf(count) * 4;
  if (format === "f32") {
    new Float32Array(into, at * 4, count).set(values.subarray(from, from + count));
  } else if (format === "int8") {
    const bytes = new Int8Array(into, at, count);
    const scale = rowScale(values, from, count);
    for (let i = 0; i < count; i++) bytes[i] = Math.round((values[from + i] as number) / scale);
  } else {
    const halves = new Uint16Array(into, at * 2, count);
    const bitsOf = format === "bf16" ? bf16Bits : f16Bits;
    for (let i = 0; i < count; i++) halves[i] = bitsOf(values[from + i] as number);
  }
}
