/** The JSON of one model in model-profiles/, or one that a user writes: one kind of layer is described once and placed many times. */
import type { PublishedWeights } from "./model.ts";

/** Softmax attention; what is left out is off, rotaryDim is headDim unless positions enter another way. */
export interface SoftmaxAttentionProfile {
  readonly kind: "softmax";
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  readonly window?: number | null | undefined;
  readonly chunk?: number | null | undefined;
  readonly rotaryDim?: number | undefined;
  readonly qkvBias?: boolean | undefined;
  readonly outputBias?: boolean | undefined;
  readonly qkNorm?: "none" | "head" | "full" | undefined;
  readonly sharedKeyValue?: boolean | undefined;
  readonly outputGate?: boolean | undefined;
  readonly sinks?: boolean | undefined;
  readonly relativeBuckets?: number | undefined;
}

export interface LatentAttentionProfile {
  readonly kind: "latent";
  readonly heads: number;
  readonly queryRank: number | null;
  readonly kvRank: number;
  readonly ropeDim: number;
  readonly nopeDim: number;
  readonly valueDim: number;
  readonly indexer?: { readonly heads: number; readonly headDim: number; readonly topK: number } | null | undefined;
}

export interface LinearAttentionProfile {
  readonly kind: "linear";
  readonly keyHeads: number;
  readonly valueHeads: number;
  readonly keyDim: number;
  readonly valueDim: number;
  readonly convolution: number;
}

export type AttentionProfile = SoftmaxAttentionProfile | LatentAttentionProfile | LinearAttentionProfile;

export interface DenseFeedForwardProfile {
  readonly kind: "dense";
  readonly dFf: number;
  readonly gated: boolean;
  readonly bias?: boolean | undefined;
}

export interface MixtureOfExpertsProfile {
  readonly kind: "mixture";
  readonly experts: number;
  readonly expertsPerToken: number;
  readonly dFf: number;
  readonly gated: boolean;
  readonly bias?: boolean | undefined;
  readonly routerBias?: boolean | undefined;
  readonly sharedDFf?: number | undefined;
  readonly sharedGate?: boolean | undefined;
}

export interface LayerKindProfile {
  readonly attention: AttentionProfile;
  readonly crossAttention?: SoftmaxAttentionProfile | undefined;
  readonly feedForward: DenseFeedForwardProfile | MixtureOfExpertsProfile;
  /** 2 unless given (3 with cross-attention, 1 in parallel layers). */
  readonly norms?: number | undefined;
  readonly parallel?: boolean | undefined;
}

/** A stack of layers: first names the kinds of the first ones, pattern those of all others, repeated cyclically. */
export interface StackProfile {
  readonly layers: number;
  readonly layerKinds: Readonly<Record<string, LayerKindProfile>>;
  readonly first?: readonly string[] | undefined;
  readonly pattern?: readonly string[] | undefined;
}

/** A parameter count as its source prints it: "8.03B". */
export interface ReportedParameters {
  readonly value: string;
  readonly source?: string | undefined;
  readonly note?: string | undefined;
  /** Why the count from the dimensions is more than 1 % away, by name (a vision tower, prediction layers, rounding). */
  readonly explained?: string | undefined;
}

export interface ModelProfile extends StackProfile {
  readonly id: string;
  readonly name: string;
  readonly aliases?: readonly string[] | undefined;
  readonly family: string;
  /** Where the dimensions come from; cells given from memory say "recalled". */
  readonly source: string;
  readonly parametersReported: ReportedParameters;
  readonly parametersActiveReported?: ReportedParameters | undefined;
  readonly dModel: number;
  readonly vocab: number;
  readonly embeddingDim?: number | undefined;
  readonly fusedQkv?: boolean | undefined;
  readonly tiedEmbeddings: boolean;
  readonly maxContext: number | null;
  readonly norm: "rms" | "layer" | "plain";
  /** Layer norm has a bias unless this says false. */
  readonly normBias?: boolean | undefined;
  readonly positions?: number | undefined;
  readonly outerNorms?: number | undefined;
  readonly logitsBias?: boolean | undefined;
  readonly publishedWeights?: PublishedWeights | undefined;
  readonly encoder?: StackProfile | undefined;
  readonly notes?: readonly string[] | undefined;
}
