/** Numbers of 16 bits, rounded to nearest with ties to even: bfloat16 and IEEE 754 binary16. */

const scratch: Float32Array = new Float32Array(1);
const scratchBits: Uint32Array = new Uint32Array(scratch.buffer);

/** The upper half of a float32. @example bf16Bits(1) is 0x3f80 */
export function bf16Bits(value: number): number {
  scratch[0] = value;
  const bits = scratchBits[0] as number;
  return (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
}

/** 2^(10 − e): units of the last place in a number of exponent e = −14 … 15. */
const unitsOf: Float64Array = Float64Array.from({ length: 30 }, (_, i) => 2 ** (24 - i));
/** Adding it leaves no room for a fraction, so that the sum is rounded, ties to even. */
const wholeNumbersFrom: number = 2 ** 52;

/** Half precision: infinity from 65520 on, where 65504 is no longer the nearest. @example f16Bits(1) is 0x3c00 */
export function f16Bits(value: number): number {
  scratch[0] = value;
  const bits = scratchBits[0] as number;
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = Math.abs(value);
  if (!(magnitude < 65_520)) return Number.isNaN(value) ? 0x7e00 : sign | 0x7c00;
  // Below 2^-14 numbers are subnormal and share the least exponent's unit. Where float32 has rounded up to a power of two, so
  // will half precision.
  const exponent = Math.max(-14, ((bits >>> 23) & 255) - 127);
  const units = magnitude * (unitsOf[exponent + 14] as number) + wholeNumbersFrom - wholeNumbersFrom;
  // Units below 1024 are subnormal; 2048 carry into the exponent by themselves.
  return sign | (units < 1024 ? units : ((exponent + 14) << 10) + units);
}
