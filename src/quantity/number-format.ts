/**
 * Number formats: how many bits an element takes, scales included, and which arithmetic unit multiplies it.
 *
 * bits = element bits + scale bits / group:
 *   int4:128  4 + 16/128 = 4.125      mxfp4  4 + 8/32 = 4.25 (OCP Microscaling v1.0)     nvfp4  4 + 8/16 = 4.5 (NVIDIA)
 *   q8_0      8 + 16/32  = 8.5        q4_0   4 + 16/32 = 4.5 (llama.cpp ggml-common.h: blocks of 32 with an fp16 scale)
 *   Q4_K      144 bytes a 256 = 4.5   Q6_K   210 bytes a 256 = 6.5625 (the same file)
 * Scales of int8 and fp8 are one a row or a tensor, under 0.1 %, and are left out.
 */
import { InvalidInput } from "./invalid-input.ts";

/** As the contract spells them: fp32, bf16, fp16, fp8, int8, int4[:group], mxfp4, nvfp4, q8_0, q4_0, q4_k_m, bits:N. */
export type NumberFormatId = string;

/** Number formats that an arithmetic unit multiplies natively. */
export type ComputeFormat = "fp64" | "fp32" | "bf16" | "fp16" | "fp8" | "int8" | "fp4";

/** What a weight is used for, since formats treat uses differently. */
export type WeightRole = "matrix" | "value" | "down" | "embedding" | "logits" | "norm" | "router";

export interface NumberFormat {
  readonly id: NumberFormatId;
  /** Bits of a matrix element, scales included. */
  readonly bits: number;
  /** The unit that multiplies it without widening; null where it is always widened first. */
  readonly native: ComputeFormat | null;
  /** Bits of a weight in each use where they differ from `bits`. */
  readonly weightBits: Readonly<Partial<Record<WeightRole, number>>>;
  /** Bits in the layers that llama.cpp's mixture stores finer (see moreBitsLayer); the same as weightBits elsewhere. */
  readonly finerBits: Readonly<Partial<Record<WeightRole, number>>>;
}

const kept16 = { embedding: 16, norm: 16, router: 16 };
const kept32 = { embedding: 32, norm: 32, router: 32, logits: 32 };

const fixed: Readonly<Record<string, NumberFormat>> = {
  fp32: make("fp32", 32, "fp32", kept32),
  bf16: make("bf16", 16, "bf16", kept16),
  fp16: make("fp16", 16, "fp16", kept16),
  fp8: make("fp8", 8, "fp8", kept16),
  int8: make("int8", 8, "int8", kept16),
  mxfp4: make("mxfp4", 4.25, "fp4", kept16),
  nvfp4: make("nvfp4", 4.5, "fp4", kept16),
  // GGUF files keep norms and routers in fp32 and store the embedding in the file's own type.
  q8_0: make("q8_0", 8.5, null, { norm: 32, router: 32 }),
  q4_0: make("q4_0", 4.5, null, { norm: 32, router: 32, logits: 6.5625 }),
  q4_k_m: make("q4_k_m", 4.5, null, { norm: 32, router: 32, logits: 6.5625 }, { value: 6.5625, down: 6.5625 }),
};

/** The spellings a message lists. */
export const numberFormatSpellings =
  "fp32, bf16, fp16, fp8, int8, int4[:group], mxfp4, nvfp4, q8_0, q4_0, q4_k_m or bits:N" as const;

/**
 * The format an id names.
 * @throws InvalidInput naming `field` for an unknown id, a group outside 1 to 65536, or bits outside 1 to 64
 * @example parseNumberFormat("int4").bits is 4.125, parseNumberFormat("int4:32").bits is 4.5
 */
export function parseNumberFormat(id: NumberFormatId, field = "format"): NumberFormat {
  const key = id.toLowerCase();
  if (Object.hasOwn(fixed, key)) return fixed[key] as NumberFormat;
  const int4 = /^int4(?::(\d{1,6}))?$/.exec(key);
  if (int4) {
    const group = int4[1] === undefined ? 128 : Number(int4[1]);
    if (group < 1 || group > 65536) throw new InvalidInput(field, id, "an int4 group is 1 to 65536 elements");
    return make(key, 4 + 16 / group, null, kept16);
  }
  const bits = /^bits:(\d{1,2}(?:\.\d{1,6})?)$/.exec(key);
  if (bits) {
    const value = Number(bits[1]);
    if (value < 1 || value > 64) throw new InvalidInput(field, id, "bits:N takes 1 to 64");
    return make(key, value, null, kept16);
  }
  throw new InvalidInput(field, id, `wants ${numberFormatSpellings}`);
}

/**
 * Whether llama.cpp's Q4_K_M stores this layer's value and down projections in Q6_K instead of Q4_K: the first and last
 * eighth and every third layer between (llama.cpp, src/llama-quant.cpp, use_more_bits).
 * @example of 32 layers 16 are finer
 */
export function moreBitsLayer(layer: number, layers: number): boolean {
  const eighth = Math.floor(layers / 8);
  return layer < eighth || layer >= Math.floor((7 * layers) / 8) || (layer - eighth) % 3 === 2;
}

/** Bits of one weight; finerShare is the share of the layers concerned for which moreBitsLayer holds. */
export function weightBits(format: NumberFormat, role: WeightRole, finerShare: number): number {
  const plain = format.weightBits[role] ?? format.bits;
  const finer = format.finerBits[role] ?? plain;
  return plain + (finer - plain) * finerShare;
}

/**
 * The format in which a kernel multiplies a stored operand with activations: the activations' own, unless the stored
 * operand is wider than 8-bit or 4-bit activations allow, then bf16. Narrower operands are widened in registers.
 * @example int4 weights with bf16 activations multiply in bf16; fp8 with fp8 in fp8; bf16 weights with fp8 activations in bf16
 */
export function multiplyFormat(stored: NumberFormat, activations: NumberFormat): ComputeFormat {
  const native = activations.native ?? "bf16";
  if (native === "fp8") return stored.native === "int8" || stored.bits > 8.5 ? "bf16" : "fp8";
  if (native === "int8") return stored.native === "fp8" || stored.bits > 8.5 ? "bf16" : "int8";
  if (native === "fp4") {
    if (stored.native === "fp4") return "fp4";
    return stored.native === "fp8" ? "fp8" : "bf16";
  }
  return native;
}

function make(
  id: string,
  bits: number,
  native: ComputeFormat | null,
  weights: Partial<Record<WeightRole, number>>,
  finer: Partial<Record<WeightRole, number>> = {},
): NumberFormat {
  return { id, bits, native, weightBits: weights, finerBits: finer };
}
