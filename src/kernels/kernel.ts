/**
 * The contract of the kernel runner: kinds of work as plain shapes and typed arrays, and what a backend does with them.
 * The reference, WebAssembly and WebGPU follow it alike, so that one suite of tests holds them equal and one loop times them.
 *
 * Values are handed over in float64 or float32; a backend stores them in the format that the work names and answers in
 * float64. Arrays are row-major, in the order of their comment: [T, k] has k next to each other.
 */
import type { Model } from "../architecture/model.ts";
import type { Reach } from "../operations/attention-span.ts";
import type { StepOptions } from "../step/step-options.ts";

export type Values = Float64Array | Float32Array;

/** How a backend stores keys, values or weights. */
export type StorageFormat = "f64" | "f32" | "f16" | "bf16" | "int8";

/** Attention of new tokens over a cache that holds their own rows already; sequences may differ in length. */
export interface AttentionWork {
  readonly kind: "attention";
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  /** Rows of each sequence, the new tokens' own among them. */
  readonly contexts: readonly number[];
  /** Rows that each sequence has room for in keys and values. */
  readonly capacity: number;
  readonly queryTokens: number;
  readonly reach: Reach;
  readonly format: StorageFormat;
  /** [B, Q, Hq, D]. */
  readonly queries: Values;
  /** [B, capacity, Hkv, D] each. */
  readonly keys: Values;
  readonly values: Values;
  /** [Hq]: a logit a head that only enters the softmax's sum; null without. */
  readonly sinks: Values | null;
}

/** y[T, n] = x[T, k] W[n, k]ᵀ + bias[n]. */
export interface LinearWork {
  readonly kind: "linear";
  readonly tokens: number;
  readonly inFeatures: number;
  readonly outFeatures: number;
  readonly format: StorageFormat;
  readonly input: Values;
  readonly weights: Values;
  readonly bias: Values | null;
}

export interface NormalizationWork {
  readonly kind: "normalization";
  readonly norm: "rms" | "layer" | "plain";
  readonly vectors: number;
  readonly features: number;
  readonly epsilon: number;
  /** [vectors, features]. */
  readonly input: Values;
  readonly weight: Values | null;
  readonly bias: Values | null;
}

/** Rotary embedding of the first rotaryDim elements of each head. */
export interface RotaryWork {
  readonly kind: "rotary-embedding";
  readonly heads: number;
  readonly headDim: number;
  readonly rotaryDim: number;
  readonly base: number;
  /** Position of each token, from 0. */
  readonly positions: readonly number[];
  /** [T, H, D]. */
  readonly input: Values;
}

export interface ActivationWork {
  readonly kind: "feed-forward-activation";
  readonly tokens: number;
  readonly dFf: number;
  readonly gated: boolean;
  readonly activation: "silu" | "gelu" | "relu";
  /** [T, F], or [T, 2 F] where gated: the gate's F, then the other's. */
  readonly input: Values;
}

export interface ResidualWork {
  readonly kind: "residual";
  readonly x: Values;
  readonly y: Values;
}

/** New rows written to the end of each sequence's; the answer is the whole cache. */
export interface CacheAppendWork {
  readonly kind: "cache-append";
  readonly rowElements: number;
  readonly capacity: number;
  /** Rows of each sequence once the new ones are in. */
  readonly contexts: readonly number[];
  readonly queryTokens: number;
  readonly format: StorageFormat;
  /** [B, capacity, c]. */
  readonly cache: Values;
  /** [B, Q, c]. */
  readonly rows: Values;
}

/**
 * One decode step of a whole model, one new token a sequence. Weights are those of randomDecoderWeights with this seed; the
 * caches' earlier rows and the new tokens come from seededRandom(seed + 1), in the order of fillDecoder. Answers logits [B, V].
 */
export interface DecodeStepWork {
  readonly kind: "decode-step";
  readonly model: Model;
  readonly options: StepOptions;
  readonly seed: number;
  readonly batch: number;
  /** Rows a sequence, the new token's own among them. */
  readonly context: number;
}

/**
 * A pass over arrays of 4-byte words, to see what memory gives: read sums one array, write fills one, copy sets b = a, triad
 * a = b + 3 c. The arrays, equally long, take workingSetBytes together; a pass moves each of those bytes once.
 */
export interface StreamWork {
  readonly kind: "stream";
  readonly stream: "read" | "write" | "copy" | "triad";
  readonly workingSetBytes: number;
  /** Passes of one run, one after the other. */
  readonly passes: number;
}

/** Multiply-adds on operands that stay in registers, at least as many as asked for: what arithmetic gives. */
export interface MultiplyAddWork {
  readonly kind: "multiply-add";
  /** What the operands are stored in; a narrower one than the machine multiplies is widened first, as kernels do. */
  readonly format: StorageFormat;
  readonly multiplyAdds: number;
}

/** A kernel that does nothing: what it costs to start one. */
export interface EmptyWork {
  readonly kind: "empty";
}

/** Work that shows what a machine gives, and has no answer to check. */
export type CeilingWork = StreamWork | MultiplyAddWork | EmptyWork;

/** Work with an answer. */
export type ComputedWork =
  | AttentionWork
  | LinearWork
  | NormalizationWork
  | RotaryWork
  | ActivationWork
  | ResidualWork
  | CacheAppendWork
  | DecodeStepWork;

export type KernelWork = ComputedWork | CeilingWork;

export function isCeilingWork(work: KernelWork): work is CeilingWork {
  return work.kind === "stream" || work.kind === "multiply-add" || work.kind === "empty";
}

/** Whether a backend can run here; that it can't is an answer, with its reason in one line. */
export type Availability =
  | { readonly available: true; readonly description: string }
  | { readonly available: false; readonly reason: string };

/** Work that lies ready: buffers filled, shaders compiled. Run as often as wanted; release frees what it holds. */
export interface PreparedKernel {
  readonly refused: false;
  /** Of a stream the bytes, of multiply-adds the multiply-adds that one run really comes to; absent for other work. */
  readonly amount?: number;
  run(): Promise<void>;
  /** What the last run computed. */
  output(): Promise<Float64Array>;
  release(): void;
}

/** Work that a backend cannot do, with the numbers that say why. */
export interface RefusedKernel {
  readonly refused: true;
  readonly reason: string;
}

export interface KernelBackend {
  readonly name: "reference" | "wasm" | "webgpu";
  availability(): Promise<Availability>;
  prepare(work: KernelWork): Promise<PreparedKernel | RefusedKernel>;
  /**
   * Runs kernels that this backend has prepared, one after the other, in as few submissions as it can; the same one may stand
   * there often. Answers the seconds by the device's own clock, null where it has none and the caller's must do.
   */
  runInOrder(kernels: readonly PreparedKernel[]): Promise<number | null>;
  /** Ends threads and devices. */
  close(): Promise<void>;
}
