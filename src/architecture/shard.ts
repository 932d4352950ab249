/**
 * One device's part of a model under tensor, expert and pipeline parallelism, by the rules of real engines:
 * heads, feed-forward widths and vocabulary are divided; K/V heads are divided, and replicated beyond their number; the
 * compressed rows of latent attention are not split; norms are replicated; experts are divided over the expert group.
 * Source: Megatron-LM (Shoeybi et al. 2019), sections 3 and 4; vLLM's and TensorRT-LLM's K/V head replication.
 */
import { InvalidInput } from "../quantity/invalid-input.ts";
import type { Attention, FeedForward, Layer, LinearAttention, Model, SoftmaxAttention, Stack } from "./model.ts";

export interface Parallelism {
  readonly tensor: number;
  readonly pipeline: number;
  readonly expert: number;
}

export const singleDevice: Parallelism = { tensor: 1, pipeline: 1, expert: 1 };

/** Devices in all: expert groups wider than the tensor group run attention data-parallel. */
export function deviceCount(p: Parallelism): number {
  return p.pipeline * Math.max(p.tensor, p.expert);
}

/** Groups of devices that each hold a copy of the attention and a share of the batch: expert / tensor, at least 1. */
export function dataParallelGroups(p: Parallelism): number {
  return Math.max(1, p.expert / p.tensor);
}

/**
 * The model as one device of its tensor and expert group holds it, all layers (pipeline stages are cut by stageLayers).
 * @throws InvalidInput naming the option and the number that must be divisible
 * @example Llama-3.1-70B on 8: 8 heads, 1 K/V head, dFf 3584; on 16: 4 heads, 1 K/V head (replicated)
 */
export function shardModel(model: Model, p: Parallelism): Model {
  checkGroups(model, p);
  if (p.tensor === 1 && p.expert === 1) return model;
  const stackOf = (stack: Stack): Stack => ({ ...stack, kinds: stack.kinds.map((layer) => shardLayer(layer, p)) });
  return {
    ...model,
    vocab: Math.ceil(model.vocab / p.tensor),
    ...(p.tensor > 1 ? { tensorShards: p.tensor } : {}),
    decoder: stackOf(model.decoder),
    encoder: model.encoder === null ? null : stackOf(model.encoder),
  };
}

/** First and one-past-last layer of each pipeline stage; earlier stages take the remainder. */
export function stageLayers(layers: number, stages: number): readonly (readonly [number, number])[] {
  const ranges: [number, number][] = [];
  let from = 0;
  for (let stage = 0; stage < stages; stage++) {
    const to = from + Math.floor(layers / stages) + (stage < layers % stages ? 1 : 0);
    ranges.push([from, to]);
    from = to;
  }
  return ranges;
}

function checkGroups(model: Model, p: Parallelism): void {
  const layers = model.decoder.order.length;
  if (p.pipeline > layers) {
    throw new InvalidInput("pipelineParallel", p.pipeline, `at most the ${layers} layers of ${model.id}`);
  }
  if (p.expert > 1 && !model.decoder.kinds.some((layer) => layer.feedForward.kind === "mixture")) {
    throw new InvalidInput("expertParallel", p.expert, `${model.id} has no experts to spread`);
  }
  if (p.expert > p.tensor ? p.expert % p.tensor !== 0 : p.tensor % p.expert !== 0) {
    throw new InvalidInput("expertParallel", p.expert, `must divide tensorParallel ${p.tensor} or be a multiple of it`);
  }
}

function shardLayer(layer: Layer, p: Parallelism): Layer {
  return {
    ...layer,
    attention: shardAttention(layer.attention, p.tensor),
    crossAttention: layer.crossAttention === null ? null : shardSoftmax(layer.crossAttention, p.tensor),
    feedForward: shardFeedForward(layer.feedForward, p),
  };
}

function shardAttention(a: Attention, n: number): Attention {
  if (a.kind === "softmax") return shardSoftmax(a, n);
  if (a.kind === "latent") return { ...a, heads: divided(a.heads, n, "heads") };
  return shardLinear(a, n);
}

function shardSoftmax(a: SoftmaxAttention, n: number): SoftmaxAttention {
  const heads = divided(a.heads, n, "heads");
  if (a.kvHeads % n !== 0 && n % a.kvHeads !== 0) {
    throw new InvalidInput("tensorParallel", n, `must divide kvHeads ${a.kvHeads} or be a multiple of them`);
  }
  return { ...a, heads, kvHeads: Math.max(1, a.kvHeads / n) };
}

function shardLinear(a: LinearAttention, n: number): LinearAttention {
  return { ...a, keyHeads: divided(a.keyHeads, n, "key heads"), valueHeads: divided(a.valueHeads, n, "value heads") };
}

function shardFeedForward(f: FeedForward, p: Parallelism): FeedForward {
  if (f.kind === "dense") return { ...f, dFf: divided(f.dFf, p.tensor, "dFf") };
  const within = p.expert > p.tensor ? 1 : p.tensor / p.expert;
  if (f.experts % p.expert !== 0) {
    throw new InvalidInput("expertParallel", p.expert, `must divide experts ${f.experts}`);
  }
  return {
    ...f,
    experts: f.experts / p.expert,
    routerWidth: f.experts,
    expertsPerToken: f.expertsPerToken / p.expert,
    dFf: divided(f.dFf, within, "dFf"),
    sharedDFf: f.sharedDFf === 0 ? 0 : divided(f.sharedDFf, p.tensor, "sharedDFf"),
  };
}

function divided(value: number, n: number, what: string): number {
  if (value % n !== 0) throw new InvalidInput("tensorParallel", n, `must divide ${what} ${value}`);
  return value / n;
}
