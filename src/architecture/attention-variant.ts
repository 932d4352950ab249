/**
 * The same model with another attention: multi-head, grouped, multi-query or latent.
 * With sameParameters the feed-forward width makes up for the parameters that keys and values lose or gain, spread evenly
 * over all layers of encoder and decoder, as in Shazeer 2019, section 4.1 (4096 becomes 5440 in its translation model).
 */
import { InvalidInput } from "../quantity/invalid-input.ts";
import type { Attention, FeedForward, LatentAttention, Layer, Model, SoftmaxAttention, Stack } from "./model.ts";
import { softmaxAttention } from "./softmax-attention.ts";
import { countParameters } from "./weights.ts";

/** "mha", "gqa:G", "mqa", "mla" or "as-is". */
export type AttentionVariant = string;

type Replace = (attention: SoftmaxAttention | LatentAttention) => SoftmaxAttention | LatentAttention;

/**
 * The model with every softmax or latent attention (self and cross, encoder and decoder) replaced; linear attention stays.
 * "mla" reaches the decoder's self-attention alone.
 * @throws InvalidInput for an unknown variant, or K/V heads that don't divide the heads
 * @example applyAttention(llama2_7b, "gqa:8") has 8 K/V heads; "mqa" 1; "mha" 32
 */
export function applyAttention(model: Model, variant: AttentionVariant, sameParameters = false): Model {
  const replace = replacement(variant);
  if (replace === null) return model;
  const changed: Model = {
    ...model,
    decoder: mapStack(model.decoder, replace),
    encoder: model.encoder === null ? null : mapStack(model.encoder, (a) => keptSoftmax(a, replace)),
  };
  return sameParameters ? widenFeedForward(changed, countParameters(model).total) : changed;
}

/**
 * The model with feed-forward networks widened or narrowed until it has `parameters` again, to the nearest whole width.
 * @throws InvalidInput where the width would fall below 1
 */
export function widenFeedForward(model: Model, parameters: number): Model {
  let perUnit = 0;
  for (const stack of [model.decoder, model.encoder]) {
    if (stack === null) continue;
    for (const index of stack.order) {
      const f = stack.kinds[index]!.feedForward;
      perUnit += (f.gated ? 3 : 2) * model.dModel * (f.kind === "dense" ? 1 : f.experts);
    }
  }
  const added = Math.round((parameters - countParameters(model).total) / perUnit);
  const widen = (f: FeedForward): FeedForward => {
    if (f.dFf + added < 1) throw new InvalidInput("sameParameters", f.dFf + added, "leaves no feed-forward width");
    return { ...f, dFf: f.dFf + added };
  };
  const stackOf = (stack: Stack): Stack => ({
    ...stack,
    kinds: stack.kinds.map((layer) => ({ ...layer, feedForward: widen(layer.feedForward) })),
  });
  return { ...model, decoder: stackOf(model.decoder), encoder: model.encoder === null ? null : stackOf(model.encoder) };
}

/**
 * The model with a sliding window of w tokens in every softmax layer of its decoder (self-attention), whatever it had there.
 * @throws InvalidInput where no layer has softmax attention
 */
export function applyWindow(model: Model, window: number): Model {
  if (!model.decoder.kinds.some((layer) => layer.attention.kind === "softmax")) {
    throw new InvalidInput("window", window, `${model.id} has ${describeAttention(model)}, which takes no window`);
  }
  const kinds = model.decoder.kinds.map(
    (layer): Layer =>
      layer.attention.kind === "softmax" ? { ...layer, attention: { ...layer.attention, window, chunk: null } } : layer,
  );
  return { ...model, decoder: { ...model.decoder, kinds } };
}

/** What a model's decoder attends with, for people: "MHA 32", "GQA 32/8", "MQA 48", "MLA 128", joined where layers differ. */
export function describeAttention(model: Model): string {
  const names = new Set<string>();
  for (const index of model.decoder.order) {
    names.add(nameOf(model.decoder.kinds[index]!.attention));
  }
  return [...names].join(" + ");
}

function nameOf(a: Attention): string {
  if (a.kind === "latent") return `MLA ${a.heads}`;
  if (a.kind === "linear") return `linear ${a.valueHeads}`;
  const reach = a.window !== null ? ` window ${a.window}` : a.chunk !== null ? ` chunk ${a.chunk}` : "";
  if (a.kvHeads === a.heads) return `MHA ${a.heads}${reach}`;
  return a.kvHeads === 1 ? `MQA ${a.heads}/1${reach}` : `GQA ${a.heads}/${a.kvHeads}${reach}`;
}

function replacement(variant: AttentionVariant): Replace | null {
  if (variant === "as-is") return null;
  if (variant === "mha") return (a) => withKvHeads(asSoftmax(a), a.heads);
  if (variant === "mqa") return (a) => withKvHeads(asSoftmax(a), 1);
  if (variant === "mla") return asLatent;
  const groups = /^gqa:(\d{1,6})$/.exec(variant);
  if (groups === null) throw new InvalidInput("attention", variant, "wants mha, gqa:G, mqa, mla or as-is");
  const kvHeads = Number(groups[1]);
  return (a) => {
    if (kvHeads < 1 || a.heads % kvHeads !== 0) {
      throw new InvalidInput("attention", variant, `K/V heads must divide heads ${a.heads}`);
    }
    return withKvHeads(asSoftmax(a), kvHeads);
  };
}

function withKvHeads(a: SoftmaxAttention, kvHeads: number): SoftmaxAttention {
  return { ...a, kvHeads };
}

/** Latent attention as plain attention with heads as wide as its values; positions turn ropeDim of them. */
function asSoftmax(a: SoftmaxAttention | LatentAttention): SoftmaxAttention {
  if (a.kind === "softmax") return a;
  const rotaryDim = Math.min(a.ropeDim, a.valueDim);
  return softmaxAttention({ heads: a.heads, kvHeads: a.heads, headDim: a.valueDim, rotaryDim });
}

/** Latent attention of the same heads: rank 4 D, rotary key D / 2 (DeepSeek-V2 2024, section 2.1.4), queries uncompressed. */
function asLatent(a: SoftmaxAttention | LatentAttention): LatentAttention {
  if (a.kind === "latent") return a;
  return {
    kind: "latent",
    heads: a.heads,
    queryRank: null,
    kvRank: 4 * a.headDim,
    ropeDim: Math.max(1, Math.floor(a.headDim / 2)),
    nopeDim: a.headDim,
    valueDim: a.headDim,
    indexer: null,
  };
}

/** An encoder's attention and that to its output stay softmax: their keys don't grow, so nothing is compressed step by step. */
function keptSoftmax<A extends SoftmaxAttention | LatentAttention>(a: A, replace: Replace): A | SoftmaxAttention {
  const replaced = replace(a);
  return replaced.kind === "softmax" ? replaced : a;
}

function mapStack(stack: Stack, replace: Replace): Stack {
  const kinds = stack.kinds.map((layer): Layer => {
    const attention = layer.attention.kind === "linear" ? layer.attention : replace(layer.attention);
    const cross = layer.crossAttention;
    return { ...layer, attention, crossAttention: cross === null ? null : keptSoftmax(cross, replace) };
  });
  return { ...stack, kinds };
}
