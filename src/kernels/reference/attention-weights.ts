/** Random weights of one layer's attention, of each kind. */
import type { Attention, LatentAttention, LinearAttention, SoftmaxAttention } from "../../architecture/model.ts";
import { convolutionChannels } from "../../architecture/weights.ts";
import type { DeltaNetWeights } from "./delta-net.ts";
import type { Tensor } from "./processor.ts";
import type { LinearWeights, NormWeights, WeightSource } from "./weight-source.ts";

export interface SoftmaxWeights {
  readonly kind: "softmax";
  readonly of: SoftmaxAttention;
  /** One matrix: queries, their gate where there is one, keys, values where they have a projection of their own. */
  readonly qkv: LinearWeights;
  readonly queryNorm: NormWeights | null;
  readonly keyNorm: NormWeights | null;
  readonly sinks: Tensor | null;
  readonly output: LinearWeights;
}

export interface LatentWeights {
  readonly kind: "latent";
  readonly of: LatentAttention;
  readonly queryDown: LinearWeights | null;
  readonly queryNorm: NormWeights | null;
  readonly queryUp: LinearWeights;
  readonly latentDown: LinearWeights;
  readonly latentNorm: NormWeights;
  /** [H, k, r]. */
  readonly keyUp: Tensor;
  /** [H, v, r]. */
  readonly valueUp: Tensor;
  readonly output: LinearWeights;
}

export interface LinearAttentionTensors {
  readonly kind: "linear";
  readonly of: LinearAttention;
  readonly input: LinearWeights;
  readonly gates: LinearWeights;
  readonly core: DeltaNetWeights;
  readonly output: LinearWeights;
}

export type AttentionWeights = SoftmaxWeights | LatentWeights | LinearAttentionTensors;

export function randomAttention(source: WeightSource, a: Attention): AttentionWeights {
  if (a.kind === "softmax") return randomSoftmax(source, a);
  return a.kind === "latent" ? randomLatent(source, a) : randomLinear(source, a);
}

function randomSoftmax(source: WeightSource, a: SoftmaxAttention): SoftmaxWeights {
  const d = source.model.dModel;
  const query = a.heads * a.headDim;
  const key = a.kvHeads * a.headDim;
  const width = (a.outputGate ? 2 : 1) * query + (a.sharedKeyValue ? 1 : 2) * key;
  const normed = a.qkNorm !== "none";
  return {
    kind: "softmax",
    of: a,
    qkv: source.linear(d, width, a.qkvBias),
    queryNorm: normed ? source.norm(a.qkNorm === "full" ? query : a.headDim) : null,
    keyNorm: normed ? source.norm(a.qkNorm === "full" ? key : a.headDim) : null,
    sinks: a.sinks ? source.vector(a.heads, 0) : null,
    output: source.linear(query, d, a.outputBias),
  };
}

function randomLatent(source: WeightSource, a: LatentAttention): LatentWeights {
  const d = source.model.dModel;
  return {
    kind: "latent",
    of: a,
    queryDown: a.queryRank === null ? null : source.linear(d, a.queryRank, false),
    queryNorm: a.queryRank === null ? null : source.norm(a.queryRank),
    queryUp: source.linear(a.queryRank ?? d, a.heads * (a.nopeDim + a.ropeDim), false),
    latentDown: source.linear(d, a.kvRank + a.ropeDim, false),
    latentNorm: source.norm(a.kvRank),
    keyUp: source.linear(a.kvRank, a.heads * a.nopeDim, false).matrix,
    valueUp: source.linear(a.kvRank, a.heads * a.valueDim, false).matrix,
    output: source.linear(a.heads * a.valueDim, d, false),
  };
}

function randomLinear(source: WeightSource, a: LinearAttention): LinearAttentionTensors {
  const d = source.model.dModel;
  const channels = convolutionChannels(a);
  const values = a.valueHeads * a.valueDim;
  return {
    kind: "linear",
    of: a,
    input: source.linear(d, channels + values, false),
    gates: source.linear(d, 2 * a.valueHeads, false),
    core: {
      convolution: source.vector(channels * a.convolution, 0.3),
      norm: source.vector(a.valueDim, 1),
      decay: source.vector(a.valueHeads, 0),
      stepBias: source.vector(a.valueHeads, 0),
    },
    output: source.linear(values, d, false),
  };
}
