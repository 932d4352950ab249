/**
 * The weights of each part of a layer, in elements: the one place where they are counted.
 * A decode step reads them (src/operations), the footprint holds them, the parameter count adds them up.
 */
import type {
  DenseFeedForward,
  LatentAttention,
  Layer,
  LinearAttention,
  MixtureOfExperts,
  Model,
  SoftmaxAttention,
  Stack,
} from "./model.ts";

/** Elements of a softmax attention's weights; d is the width of the residual stream. */
export interface SoftmaxAttentionWeights {
  /** Queries (and their gate) and keys: d (Hq + Hkv) D, twice Hq with a gate. */
  readonly queryKey: number;
  /** Values: d Hkv D; 0 where the keys' projection makes them too. */
  readonly value: number;
  readonly qkvBias: number;
  readonly output: number;
  readonly outputBias: number;
  readonly qkNorm: number;
  /** Sinks and relative position biases. */
  readonly extra: number;
}

export function softmaxAttentionWeights(a: SoftmaxAttention, d: number): SoftmaxAttentionWeights {
  const query = a.heads * a.headDim;
  const key = a.kvHeads * a.headDim;
  const gated = a.outputGate ? 2 * query : query;
  const value = a.sharedKeyValue ? 0 : key;
  return {
    queryKey: d * (gated + key),
    value: d * value,
    qkvBias: a.qkvBias ? gated + key + value : 0,
    output: query * d,
    outputBias: a.outputBias ? d : 0,
    qkNorm: a.qkNorm === "none" ? 0 : a.qkNorm === "head" ? 2 * a.headDim : query + key,
    extra: (a.sinks ? a.heads : 0) + a.relativeBuckets * a.heads,
  };
}

/** Elements of a latent attention's weights (DeepSeek-V2, section 2.1). */
export interface LatentAttentionWeights {
  /** Down to the query rank; 0 where queries are projected directly. */
  readonly queryDown: number;
  readonly queryUp: number;
  /** Down to the cached row of kvRank + ropeDim. */
  readonly kvDown: number;
  /** The keys' half of the up projection, absorbed into the queries when decoding: H nope kvRank. */
  readonly keyUp: number;
  /** The values' half, absorbed into the output: H value kvRank. */
  readonly valueUp: number;
  readonly output: number;
  readonly norms: number;
  readonly indexer: number;
}

export function latentAttentionWeights(a: LatentAttention, d: number): LatentAttentionWeights {
  const queryWidth = a.heads * (a.nopeDim + a.ropeDim);
  const queryInput = a.queryRank ?? d;
  const index = a.indexer;
  return {
    queryDown: a.queryRank === null ? 0 : d * a.queryRank,
    queryUp: queryInput * queryWidth,
    kvDown: d * (a.kvRank + a.ropeDim),
    keyUp: a.heads * a.nopeDim * a.kvRank,
    valueUp: a.heads * a.valueDim * a.kvRank,
    output: a.heads * a.valueDim * d,
    norms: (a.queryRank ?? 0) + a.kvRank,
    indexer: index === null ? 0 : queryInput * index.heads * index.headDim + d * (index.headDim + index.heads),
  };
}

/** Elements of a Gated DeltaNet's weights (Qwen3-Next's linear attention, as in Qwen3.5). */
export interface LinearAttentionWeights {
  /** Queries, keys, values and the output gate z. */
  readonly input: number;
  /** The two gates of the state, one number a value head each. */
  readonly gates: number;
  readonly convolution: number;
  readonly output: number;
  /** Norm of a value head, decay and step bias a value head. */
  readonly norms: number;
}

export function linearAttentionWeights(a: LinearAttention, d: number): LinearAttentionWeights {
  const channels = convolutionChannels(a);
  const value = a.valueHeads * a.valueDim;
  return {
    input: d * (channels + value),
    gates: d * 2 * a.valueHeads,
    convolution: channels * a.convolution,
    output: value * d,
    norms: a.valueDim + 2 * a.valueHeads,
  };
}

/** Channels that pass the causal convolution: queries, keys and values. */
export function convolutionChannels(a: LinearAttention): number {
  return 2 * a.keyHeads * a.keyDim + a.valueHeads * a.valueDim;
}

/** Elements of one feed-forward network: its input matrices (up, and gate), its down matrix, its biases. */
export interface FeedForwardWeights {
  readonly up: number;
  readonly down: number;
  readonly bias: number;
}

export function feedForwardWeights(f: Pick<DenseFeedForward, "dFf" | "gated" | "bias">, d: number): FeedForwardWeights {
  const inputs = f.gated ? 2 : 1;
  return { up: inputs * d * f.dFf, down: f.dFf * d, bias: f.bias ? inputs * f.dFf + d : 0 };
}

/** Elements of a mixture's weights: the router, one routed expert, the experts that every token passes. */
export interface MixtureWeights {
  readonly router: number;
  readonly routerBias: number;
  readonly expert: FeedForwardWeights;
  readonly shared: FeedForwardWeights;
  readonly sharedGate: number;
}

export function mixtureWeights(f: MixtureOfExperts, d: number): MixtureWeights {
  return {
    router: d * (f.routerWidth ?? f.experts),
    routerBias: f.routerBias ? (f.routerWidth ?? f.experts) : 0,
    expert: feedForwardWeights(f, d),
    shared: feedForwardWeights({ dFf: f.sharedDFf, gated: f.gated, bias: false }, d),
    sharedGate: f.sharedGate ? d : 0,
  };
}

/** Learned numbers of one norm of width n. */
export function normWeights(model: Pick<Model, "norm" | "normBias">, n: number): number {
  if (model.norm === "plain") return 0;
  return model.norm === "layer" && model.normBias ? 2 * n : n;
}

/** Parameters in all, and those that one token touches (embedding table included once, experts by their share). */
export interface ParameterCount {
  readonly total: number;
  readonly active: number;
  readonly embedding: number;
}

/** Columns of the embedding table and the LM head. */
export function embeddingWidth(model: Pick<Model, "dModel" | "embeddingDim">): number {
  return model.embeddingDim ?? model.dModel;
}

/**
 * Counts a model's parameters from its dimensions.
 * @example Llama-2-7B: total 6_738_415_616
 */
export function countParameters(model: Model): ParameterCount {
  const width = embeddingWidth(model);
  const table = model.vocab * width;
  const outside =
    table * (model.tiedEmbeddings ? 1 : 2) +
    (width === model.dModel ? 0 : 2 * width * model.dModel) +
    model.positions * model.dModel +
    normWeights(model, model.dModel) * model.outerNorms +
    (model.logitsBias ? model.vocab : 0);
  const encoderNorm = model.encoder === null ? 0 : normWeights(model, model.dModel);
  let total = outside + encoderNorm;
  let active = total;
  for (const stack of [model.decoder, model.encoder]) {
    if (stack === null) continue;
    for (const index of stack.order) {
      const layer = countLayerParameters(model, kindOf(stack, index));
      total += layer.total;
      active += layer.active;
    }
  }
  return { total, active, embedding: table };
}

function kindOf(stack: Stack, index: number): Layer {
  const kind = stack.kinds[index];
  if (kind === undefined) throw new RangeError(`layer kind ${index} of ${stack.kinds.length}`);
  return kind;
}

/** Parameters of one layer in all, and those that one token touches. */
export function countLayerParameters(model: Model, layer: Layer): { total: number; active: number } {
  const d = model.dModel;
  let common = normWeights(model, d) * layer.norms + sum(attentionWeights(layer, d));
  if (layer.crossAttention !== null) common += sum(softmaxAttentionWeights(layer.crossAttention, d));
  const f = layer.feedForward;
  if (f.kind === "dense") {
    const all = common + sum(feedForwardWeights(f, d));
    return { total: all, active: all };
  }
  const w = mixtureWeights(f, d);
  common += w.router + w.routerBias + w.sharedGate + sum(w.shared);
  return {
    total: common + f.experts * sum(w.expert),
    active: common + f.expertsPerToken * sum(w.expert),
  };
}

function attentionWeights(
  layer: Layer,
  d: number,
): SoftmaxAttentionWeights | LatentAttentionWeights | LinearAttentionWeights {
  const a = layer.attention;
  if (a.kind === "softmax") return softmaxAttentionWeights(a, d);
  return a.kind === "latent" ? latentAttentionWeights(a, d) : linearAttentionWeights(a, d);
}

function sum(parts: object): number {
  let total = 0;
  for (const value of Object.values(parts)) total += value as number;
  return total;
}
