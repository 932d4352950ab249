/** A model from its profile: defaults filled, rules between fields held, the kind of every layer written out. */
import { InvalidInput } from "../quantity/invalid-input.ts";
import { parseNumberFormat } from "../quantity/number-format.ts";
import type { Attention, FeedForward, Layer, Model, SoftmaxAttention, Stack } from "./model.ts";
import type {
  AttentionProfile,
  LayerKindProfile,
  ModelProfile,
  SoftmaxAttentionProfile,
  StackProfile,
} from "./model-profile.ts";
import { softmaxAttention } from "./softmax-attention.ts";

/**
 * The model that a profile describes.
 * @throws InvalidInput where fields contradict each other: K/V heads that don't divide the heads, a layer kind that is
 *   named and not described, or described and placed nowhere
 * @example a profile of one layer kind and 32 layers gives decoder.order of 32 zeros
 */
export function modelFromProfile(profile: ModelProfile): Model {
  const positions = profile.positions ?? 0;
  const published = profile.publishedWeights;
  if (published !== undefined) parseNumberFormat(published.format, "publishedWeights.format");
  return {
    id: profile.id,
    name: profile.name,
    dModel: profile.dModel,
    vocab: profile.vocab,
    ...(profile.embeddingDim === undefined ? {} : { embeddingDim: profile.embeddingDim }),
    ...(profile.fusedQkv === true ? { fusedQkv: true } : {}),
    tiedEmbeddings: profile.tiedEmbeddings,
    positions,
    norm: profile.norm,
    normBias: profile.normBias ?? profile.norm === "layer",
    outerNorms: profile.outerNorms ?? 1,
    logitsBias: profile.logitsBias ?? false,
    maxContext: profile.maxContext,
    decoder: stackFromProfile(profile, "", positions > 0),
    encoder: profile.encoder === undefined ? null : stackFromProfile(profile.encoder, "encoder.", positions > 0),
    publishedWeights: published ?? null,
  };
}

/**
 * The number that a reported count such as "8.03B" stands for.
 * @example parseParameterCount("671B") is 671e9
 */
export function parseParameterCount(value: string): number {
  const match = /^(\d+(?:\.\d+)?)([MBT])$/.exec(value);
  if (match === null) throw new InvalidInput("parametersReported.value", value, "wants a number with M, B or T");
  const exponent: Readonly<Record<string, number>> = { M: 6, B: 9, T: 12 };
  // Read as one literal, since 8.03 * 1e9 is not 8030000000.
  return Number(`${match[1]}e${exponent[match[2] as string]}`);
}

function stackFromProfile(stack: StackProfile, path: string, learnedPositions: boolean): Stack {
  const names = Object.keys(stack.layerKinds);
  if (names.length === 0) throw new InvalidInput(`${path}layerKinds`, "", "wants at least one kind of layer");
  const indexByName = new Map(names.map((name, index) => [name, index]));
  const order = placedNames(stack, names, path).map((name, position) => {
    const index = indexByName.get(name);
    if (index === undefined) {
      const field = position < (stack.first?.length ?? 0) ? "first" : "pattern";
      throw new InvalidInput(`${path}${field}`, name, `wants a kind of layerKinds: ${names.join(", ")}`);
    }
    return index;
  });
  const placed = new Set(order);
  const unplaced = names.find((_, index) => !placed.has(index));
  if (unplaced !== undefined) {
    throw new InvalidInput(`${path}layerKinds`, unplaced, "must stand in first or pattern, within the layers");
  }
  const kinds = names.map((name) =>
    layerFromProfile(name, stack.layerKinds[name] as LayerKindProfile, `${path}layerKinds.${name}.`, learnedPositions),
  );
  return { kinds, order };
}

/** The kind of each layer: the first ones, then the pattern over and over. */
function placedNames(stack: StackProfile, names: readonly string[], path: string): string[] {
  const first = stack.first ?? [];
  if (first.length > stack.layers) {
    throw new InvalidInput(`${path}first`, `${first.length} kinds`, `wants at most layers ${stack.layers}`);
  }
  const pattern = stack.pattern ?? (names.length === 1 ? names : []);
  if (pattern.length === 0 && first.length < stack.layers) {
    throw new InvalidInput(`${path}pattern`, "", `wants the order of the kinds ${names.join(", ")}`);
  }
  return Array.from({ length: stack.layers }, (_, layer) =>
    layer < first.length ? (first[layer] as string) : (pattern[(layer - first.length) % pattern.length] as string),
  );
}

function layerFromProfile(name: string, kind: LayerKindProfile, path: string, learnedPositions: boolean): Layer {
  const cross = kind.crossAttention;
  const parallel = kind.parallel ?? false;
  return {
    name,
    attention: attentionFromProfile(kind.attention, `${path}attention.`, learnedPositions),
    crossAttention: cross === undefined ? null : softmaxFromProfile(cross, `${path}crossAttention.`, 0),
    feedForward: feedForwardFromProfile(kind.feedForward, `${path}feedForward.`),
    norms: kind.norms ?? (parallel ? 1 : cross === undefined ? 2 : 3),
    parallel,
  };
}

function attentionFromProfile(a: AttentionProfile, path: string, learnedPositions: boolean): Attention {
  if (a.kind === "softmax") return softmaxFromProfile(a, path, learnedPositions ? 0 : a.headDim);
  if (a.kind === "latent") return { ...a, indexer: a.indexer ?? null };
  if (a.valueHeads % a.keyHeads !== 0) {
    throw new InvalidInput(`${path}keyHeads`, a.keyHeads, `must divide valueHeads ${a.valueHeads}`);
  }
  return a;
}

function softmaxFromProfile(a: SoftmaxAttentionProfile, path: string, rotaryDim: number): SoftmaxAttention {
  if (a.heads % a.kvHeads !== 0) throw new InvalidInput(`${path}kvHeads`, a.kvHeads, `must divide heads ${a.heads}`);
  if ((a.rotaryDim ?? 0) > a.headDim) {
    throw new InvalidInput(`${path}rotaryDim`, a.rotaryDim, `must be at most headDim ${a.headDim}`);
  }
  return softmaxAttention({ ...a, rotaryDim: a.rotaryDim ?? rotaryDim });
}

function feedForwardFromProfile(f: LayerKindProfile["feedForward"], path: string): FeedForward {
  if (f.kind === "dense") return { kind: "dense", dFf: f.dFf, gated: f.gated, bias: f.bias ?? false };
  if (f.expertsPerToken > f.experts) {
    throw new InvalidInput(`${path}expertsPerToken`, f.expertsPerToken, `must be at most experts ${f.experts}`);
  }
  return {
    kind: "mixture",
    experts: f.experts,
    expertsPerToken: f.expertsPerToken,
    dFf: f.dFf,
    gated: f.gated,
    bias: f.bias ?? false,
    routerBias: f.routerBias ?? false,
    sharedDFf: f.sharedDFf ?? 0,
    sharedGate: f.sharedGate ?? false,
  };
}
