/**
 * Number formats: how many bits an element takes, scales included, and which arithmetic unit multiplies it.
 *
 * bits = element bits + scale bits / group:
 *   int4:128  4 + 16/128 = 4.125      mxfp4  4 + 8/32 = 4.25 (OCP Microscaling v1.0)     nvfp4  4 + 8/16 = 4.5 (NVIDIA)
 *   q8_0      8 + 16/32  = 8.5        q4_0   4 + 16/32 = 4.5 (llama.cpp ggml-common.h: blocks of 32 with an fp16 scale)
 *   Q4_K      144 bytes a 256 = 4.5   Q5_K   176 bytes a 256 = 5.5   Q6_K   210 bytes a 256 = 6.5625 (the same file)
 *   Q5_0      22 bytes a 32 = 5.5     Q5_1   24 bytes a 32 = 6 (the same file)
 * Scales of int8 and fp8 are one a row or a tensor, under 0.1 %, and are left out.
 */
import { InvalidInput } from "./invalid-input.ts";

/** As the contract spells them: fp32, bf16, fp16, fp8, int8, int4[:group], mxfp4, nvfp4, q8_0, q4_0, q4_k_m, bits:N. */
export type NumberFormatId = string;

/** Number formats that an arithmetic unit multiplies natively. */
export type ComputeFormat = "fp64" | "fp32" | "bf16" | "fp16" | "fp8" | "int8" | "fp4";

/**
 * What a weight is used for, since formats treat uses differently: "fused" is one matrix of queries, keys and values,
 * "groupedValue" the values of 80 layers with grouped heads, "eight..." what models of eight experts store finer.
 */
export type WeightRole =
  | "matrix"
  | "value"
  | "groupedValue"
  | "eightExpertsKeyValue"
  | "eightExpertsOutput"
  | "fused"
  | "down"
  | "embedding"
  | "position"
  | "logits"
  | "norm"
  | "router";

/** Bits an element, scales included, and those where a row is not a whole number of blocks of 256 (all others: the same). */
export interface StoredBits {
  readonly bits: number;
  readonly narrow: number;
}

export interface NumberFormat {
  readonly id: NumberFormatId;
  /** Bits of a matrix element, scales included. */
  readonly bits: number;
  /** The unit that multiplies it without widening; null where it is always widened first. */
  readonly native: ComputeFormat | null;
  /** Bits of a weight in each use where they differ from those of a matrix, and of a matrix where they differ from `bits`. */
  readonly weightBits: RoleBits;
  /** Bits in the layers that llama.cpp's mixture stores finer (see moreBitsLayer); the same as weightBits elsewhere. */
  readonly finerBits: RoleBits;
}

type RoleBits = Readonly<Partial<Record<WeightRole, StoredBits>>>;

const bits16 = anyRow(16);
const bits32 = anyRow(32);
const kept16: RoleBits = { embedding: bits16, position: bits16, norm: bits16, router: bits16 };
const kept32: RoleBits = { embedding: bits32, position: bits32, norm: bits32, router: bits32, logits: bits32 };

// GGUF files keep norms, routers and learned positions in fp32 and store the embedding in the file's own type.
// Rows that blocks of 256 don't divide fall back: Q4_K to Q5_0, Q5_K to Q5_1, Q6_K to Q8_0 (llama_tensor_get_type).
const ggufKept: RoleBits = { position: bits32, norm: bits32, router: bits32 };
const q8: StoredBits = anyRow(8.5);
const q6K: StoredBits = { bits: 6.5625, narrow: 8.5 };
const q5K: StoredBits = { bits: 5.5, narrow: 6 };
const q4K: StoredBits = { bits: 4.5, narrow: 5.5 };
const q4KM: RoleBits = {
  ...ggufKept,
  matrix: q4K,
  fused: q5K,
  groupedValue: q5K,
  eightExpertsKeyValue: q8,
  eightExpertsOutput: q5K,
  logits: q6K,
};

const fixed: Readonly<Record<string, NumberFormat>> = {
  fp32: make("fp32", 32, "fp32", kept32),
  bf16: make("bf16", 16, "bf16", kept16),
  fp16: make("fp16", 16, "fp16", kept16),
  fp8: make("fp8", 8, "fp8", kept16),
  int8: make("int8", 8, "int8", kept16),
  mxfp4: make("mxfp4", 4.25, "fp4", kept16),
  nvfp4: make("nvfp4", 4.5, "fp4", kept16),
  q8_0: make("q8_0", 8.5, null, ggufKept),
  q4_0: make("q4_0", 4.5, null, { ...ggufKept, eightExpertsKeyValue: q8, logits: q6K }),
  q4_k_m: make("q4_k_m", 4.5, null, q4KM, { value: q6K, groupedValue: q6K, down: q6K }),
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

/**
 * Bits of one weight, as llama.cpp's llama_tensor_get_type (src/llama-quant.cpp) chooses them for a GGUF format.
 * @param columns inputs of the whole matrix, the length of a stored row
 * @param finerShare the share of the layers concerned for which moreBitsLayer holds
 * @example a q4_k_m matrix has 4.5 bits (Q4_K); one of 896 columns 5.5 (Q5_0), since 256 does not divide 896
 */
export function weightBits(format: NumberFormat, role: WeightRole, columns: number, finerShare = 0): number {
  const plain = format.weightBits[role] ?? format.weightBits.matrix ?? anyRow(format.bits);
  const finer = format.finerBits[role] ?? plain;
  const kept: keyof StoredBits = columns % superBlock === 0 ? "bits" : "narrow";
  return plain[kept] + (finer[kept] - plain[kept]) * finerShare;
}

/** Weights of a block of llama.cpp's K types (QK_K in ggml-common.h). */
const superBlock = 256;

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
  weights: RoleBits,
  finer: RoleBits = {},
): NumberFormat {
  return { id, bits, native, weightBits: weights, finerBits: finer };
}

function anyRow(bits: number): StoredBits {
  return { bits, narrow: bits };
}
