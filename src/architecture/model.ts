/**
 * What a model is: the dimensions that decide how many bytes a decode step reads and how many FLOPs it does.
 * A model is a stack of layers of a few distinct kinds; `order` says which kind stands at each depth.
 *
 * Symbols used throughout: B batch, Q query tokens, S context, d dModel, Hq heads, Hkv kvHeads, D headDim, F dFf, V vocab.
 */
import type { NumberFormatId } from "../quantity/number-format.ts";

/** Softmax attention; MHA (kvHeads = heads), GQA and MQA (kvHeads = 1) are one formula. */
export interface SoftmaxAttention {
  readonly kind: "softmax";
  readonly heads: number;
  /** Heads of keys and values stored in the cache. Divides `heads`. */
  readonly kvHeads: number;
  readonly headDim: number;
  /** Sliding window in tokens, the token itself included; null where every earlier token is seen. */
  readonly window: number | null;
  /** Chunked attention (Llama 4): a token sees its own chunk of this many tokens only; null otherwise. */
  readonly chunk: number | null;
  /** Dimensions of each head that rotary embedding turns; 0 where positions enter another way. */
  readonly rotaryDim: number;
  /** Learned bias on Q, K and V. */
  readonly qkvBias: boolean;
  /** Learned bias on the output projection. */
  readonly outputBias: boolean;
  /** Width of the learned norm on Q and on K: none, a vector of headDim, or one across all heads. */
  readonly qkNorm: "none" | "head" | "full";
  /** One projection makes keys and values (Gemma 4's global layers); both are cached, since only keys are turned. */
  readonly sharedKeyValue: boolean;
  /** An output gate as wide as the queries, projected from the input (Qwen3.5). */
  readonly outputGate: boolean;
  /** A learned logit a head that only enters the softmax's sum (gpt-oss). */
  readonly sinks: boolean;
  /** Learned relative position bias in this layer: buckets a head (T5 keeps it in the first layer); 0 otherwise. */
  readonly relativeBuckets: number;
}

/** Multi-head latent attention (DeepSeek-V2): the cache holds one compressed row of kvRank + ropeDim a token. */
export interface LatentAttention {
  readonly kind: "latent";
  readonly heads: number;
  /** Rank of the compressed query; null where queries are projected directly. */
  readonly queryRank: number | null;
  readonly kvRank: number;
  readonly ropeDim: number;
  readonly nopeDim: number;
  readonly valueDim: number;
  /** Sparse attention's indexer (DeepSeek-V3.2): it scores every cached token and keeps topK; null where absent. */
  readonly indexer: { readonly heads: number; readonly headDim: number; readonly topK: number } | null;
}

/** Linear attention with a fixed state (Gated DeltaNet as in Qwen3.5): no cache that grows. */
export interface LinearAttention {
  readonly kind: "linear";
  readonly keyHeads: number;
  readonly valueHeads: number;
  readonly keyDim: number;
  readonly valueDim: number;
  /** Width of the causal convolution before the state; its state holds convolution − 1 inputs. */
  readonly convolution: number;
}

export type Attention = SoftmaxAttention | LatentAttention | LinearAttention;

/** One feed-forward network: up (and gate) and down projections. */
export interface DenseFeedForward {
  readonly kind: "dense";
  readonly dFf: number;
  /** Gated (SwiGLU, GeGLU): three matrices instead of two. */
  readonly gated: boolean;
  readonly bias: boolean;
}

/** Mixture of experts: a router picks expertsPerToken of `experts` for each token. */
export interface MixtureOfExperts {
  readonly kind: "mixture";
  readonly experts: number;
  readonly expertsPerToken: number;
  /** Columns of the router where they are more than the experts held here (expert parallelism). */
  readonly routerWidth?: number;
  /** Width of one routed expert. */
  readonly dFf: number;
  readonly gated: boolean;
  readonly bias: boolean;
  /** Learned parameters of the router a expert beyond its matrix (a bias or a correction term): 0 or 1. */
  readonly routerBias: boolean;
  /** Feed-forward networks that every token passes: their total width (shared experts, or a dense network beside). */
  readonly sharedDFf: number;
  /** A learned gate of dModel values on the shared expert (Qwen2-MoE, Qwen3.5-MoE). */
  readonly sharedGate: boolean;
}

export type FeedForward = DenseFeedForward | MixtureOfExperts;

/** One kind of layer. */
export interface Layer {
  readonly name: string;
  readonly attention: Attention;
  /** Attention to the encoder's output; null in decoder-only models. */
  readonly crossAttention: SoftmaxAttention | null;
  readonly feedForward: FeedForward;
  /** Learned norms of width dModel in the layer (2 before attention and feed-forward; 4 in Gemma 2; 1 where both share one). */
  readonly norms: number;
  /** Attention and feed-forward read the same input and are added together (GPT-J, Falcon, PaLM): one all-reduce. */
  readonly parallel: boolean;
}

/** A stack of layers: the distinct kinds, and for each depth the index of its kind. */
export interface Stack {
  readonly kinds: readonly Layer[];
  readonly order: readonly number[];
  /** Where a pipeline stage's layers stand: the depth of its first, and the layers of all stages. Absent: all are here. */
  readonly part?: { readonly first: number; readonly of: number };
}

/** The format a model's published weights are stored in, and which parts of it are not. */
export interface PublishedWeights {
  readonly format: NumberFormatId;
  /** Only the routed experts are in `format`, all else 16 bits (gpt-oss). */
  readonly expertsOnly: boolean;
  /** The LM head stays at 16 bits. */
  readonly logitsAt16Bits: boolean;
}

export interface Model {
  readonly id: string;
  readonly name: string;
  readonly dModel: number;
  /** Rows of the embedding table, padding included. */
  readonly vocab: number;
  /** Width of the embedding table and the LM head where projections bring it to dModel and back (OPT-350m); dModel elsewhere. */
  readonly embeddingDim?: number;
  /** Queries, keys and values are one matrix in the model's GGUF file, which quantizes it as one (GPT-2, Falcon, Phi-3). */
  readonly fusedQkv?: boolean;
  /** Devices that the heads and widths here are divided over; absent in a whole model. */
  readonly tensorShards?: number;
  /** The LM head is the embedding table. */
  readonly tiedEmbeddings: boolean;
  /** Rows of a learned table of positions; 0 where positions enter another way. */
  readonly positions: number;
  /** RMS norm has a weight a feature; layer norm a weight and (with normBias) a bias; plain norms have neither. */
  readonly norm: "rms" | "layer" | "plain";
  readonly normBias: boolean;
  /** Learned norms outside the layers: the final one (1), one after the embedding too (2, BLOOM). */
  readonly outerNorms: number;
  /** A learned bias on the logits (GPT-J, Phi-2). */
  readonly logitsBias: boolean;
  /** Longest context the model was made for, in tokens; null where unknown or unlimited. */
  readonly maxContext: number | null;
  readonly decoder: Stack;
  /** Null in decoder-only models. */
  readonly encoder: Stack | null;
  /** Null where the weights are published in 16 bits. */
  readonly publishedWeights: PublishedWeights | null;
}
