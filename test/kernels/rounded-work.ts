/** Work whose stored operands are rounded beforehand, so that a backend's own rounding is no error. */
import type { KernelWork, Values } from "../../src/kernels/kernel.ts";

export type Rounding = (values: Values) => Float32Array;

/** To nearest even in 8 bits of mantissa. */
export function bf16Rounded(values: Values): Float32Array {
  const bits = new Uint32Array(Float32Array.from(values).buffer);
  return new Float32Array(bits.map((b) => (b + 0x7fff + ((b >>> 16) & 1)) & 0xffff0000).buffer);
}

/** To nearest even in 11 bits of mantissa, with subnormals below 2^-14: all that the numbers here need of binary16. */
export function f16Rounded(values: Values): Float32Array {
  return Float32Array.from(values, (x) => {
    const unit = 2 ** (Math.max(-14, Math.floor(Math.log2(Math.abs(x) || 1))) - 10);
    // Adding 1.5 × 2^52 units leaves no room for parts of one.
    const large = 1.5 * 2 ** 52 * unit;
    return x + large - large;
  });
}

/** The same work with what is stored rounded. */
export function roundedTo(rounded: Rounding, work: KernelWork): KernelWork {
  if (work.kind === "attention") return { ...work, keys: rounded(work.keys), values: rounded(work.values) };
  if (work.kind === "linear") return { ...work, weights: rounded(work.weights) };
  // New rows reach a backend in float32 and are rounded where they are stored; the rest is rounded at once.
  if (work.kind === "cache-append") {
    return { ...work, cache: rounded(work.cache), rows: rounded(Float32Array.from(work.rows)) };
  }
  return work;
}
