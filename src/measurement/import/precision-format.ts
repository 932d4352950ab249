/**
 * The number format that a result's own word for its precision names. Formats without a name here are given by their bits,
 * as `bits:N`, where the bytes of the weights and their number are known.
 */
import { parseNumberFormat } from "../../quantity/number-format.ts";

const patterns: readonly (readonly [RegExp, string])[] = [
  [/^(bf16|bfloat16|w16a16)$/, "bf16"],
  [/^(fp16|f16|float16|half)$/, "fp16"],
  [/^(fp32|f32|float32|all f32)$/, "fp32"],
  [/^(fp8|float8)([-_ ].*)?$/, "fp8"],
  [/^(int8|w8a8|8-bit|sq|int8[-_ ].*)$/, "int8"],
  [/^mxfp4([-_ ].*)?$/, "mxfp4"],
  [/^(nvfp4|fp4)([-_ ].*)?$/, "nvfp4"],
  [/^q8_0$/, "q8_0"],
  [/^q4_0$/, "q4_0"],
  [/^(q4_k_m|q4_k - medium)$/, "q4_k_m"],
  [/^(int4|4-bit|w4a16|awq|gptq|int4[-_ ](awq|gptq|wo))$/, "int4"],
];

/**
 * Null where the word names none.
 * @example precisionFormat("INT4-g32") is "int4:32", precisionFormat("Q4_0 (3.56 GiB)") is "q4_0"
 */
export function precisionFormat(label: string): string | null {
  const word = label
    .toLowerCase()
    .replace(/^mostly /, "")
    .replace(/\s*\(.*\)\s*$/, "")
    .trim();
  const group = /^int4[-_: ]?g?(\d+)$/.exec(word);
  if (group !== null) return `int4:${group[1]}`;
  const named = patterns.find(([pattern]) => pattern.test(word))?.[1];
  if (named !== undefined) return named;
  if (/^bits:\d/.test(word)) return parseNumberFormat(word).id;
  // A word of several parts, of which one alone names a format: "gptq-int4", "fp8 per tensor".
  const parts = word.split(/[^a-z0-9_]+/);
  const formats = new Set(parts.flatMap((part) => patterns.find(([pattern]) => pattern.test(part))?.[1] ?? []));
  // A whole sentence says more than a format: that it is not sure.
  return formats.size === 1 && parts.length <= 3 ? ([...formats][0] ?? null) : null;
}

/** As bits an element: all weights' bytes over their number. @example 7e9 weights in 4.9e9 bytes are "bits:5.6" */
export function bitsFormat(weightBytes: number, weights: number): string | null {
  const bits = (8 * weightBytes) / weights;
  return bits >= 1 && bits <= 64 ? `bits:${Number(bits.toFixed(3))}` : null;
}
