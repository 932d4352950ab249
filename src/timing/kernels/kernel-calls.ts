/** What each kernel form needs to know of one call: sizes of what one device computes. Mutable, so that a step reuses one record. */

/** y = x Wᵀ: x is [m, k], W is [n, k]. */
export interface LinearCall {
  m: number;
  n: number;
  k: number;
  weightBytesPerElement: number;
  /** Of x; y is written in 16 bits or wider, outputBytesPerElement. */
  inputBytesPerElement: number;
  outputBytesPerElement: number;
  /** Peak of the format that it multiplies in. */
  peakFlopsPerSecond: number;
}

/** One query token a sequence over its cached rows. */
export interface DecodeAttentionCall {
  batch: number;
  heads: number;
  kvHeads: number;
  headDim: number;
  /** Rows that a query sees (after a window). */
  rows: number;
  /** Whether a window cuts rows off: the kernel then masks its first tile and takes one tile more. */
  windowed: boolean;
  /** Whether keys and values come from memory, as in a step whose weights sweep the cache; false where the same call ran just before. */
  cold: boolean;
  kvBytesPerElement: number;
  activationBytesPerElement: number;
  peakFlopsPerSecond: number;
}

/** queryTokens new tokens a sequence, causal, over `context` rows with their own among them. */
export interface PrefillAttentionCall {
  batch: number;
  heads: number;
  kvHeads: number;
  headDim: number;
  queryTokens: number;
  context: number;
  /** Rows that a query sees at most; Infinity without a window. */
  window: number;
  kvBytesPerElement: number;
  activationBytesPerElement: number;
  peakFlopsPerSecond: number;
}

/** Latent attention (MLA); absorbed: heads share one latent row of latentDim + ropeDim elements; else a prefill over full heads. */
export interface LatentAttentionCall {
  batch: number;
  heads: number;
  queryTokens: number;
  context: number;
  absorbed: boolean;
  /** As of DecodeAttentionCall. */
  cold: boolean;
  latentDim: number;
  ropeDim: number;
  nopeDim: number;
  valueDim: number;
  kvBytesPerElement: number;
  activationBytesPerElement: number;
  peakFlopsPerSecond: number;
}

/** Routed experts of one layer on one device: up (and gate) and down products of those tokens' experts. */
export interface MixtureOfExpertsCall {
  /** Tokens of the whole expert-parallel group that are routed. */
  tokens: number;
  dModel: number;
  /** Of one expert on this device, after tensor parallelism. */
  dFf: number;
  /** Experts of the layer, and those that this device holds. */
  experts: number;
  localExperts: number;
  topK: number;
  /** Of the device that has most to do: its experts that the tokens touch, and the choices (a token and an expert) among them. */
  touchedExperts: number;
  choices: number;
  /** Matrices an expert: 3 with a gate, else 2. */
  matrices: number;
  weightBytesPerElement: number;
  activationBytesPerElement: number;
  peakFlopsPerSecond: number;
}

/** A small kernel that reads and writes activations. */
export interface SmallKernelCall {
  /** Read and written. */
  bytes: number;
}

/** One collective among `devices`. */
export interface CollectiveCall {
  algorithm: "all-reduce" | "all-gather" | "reduce-scatter" | "all-to-all" | "send";
  devices: number;
  /** Of the whole vector that each device holds before (all-reduce, reduce-scatter, all-to-all) or after (all-gather) it. */
  messageBytes: number;
}
