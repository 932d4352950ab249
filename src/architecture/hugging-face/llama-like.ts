/**
 * The layer that most families vary: norm, attention by num_key_value_heads, norm, gated feed-forward.
 * A family's file says what differs; all else is Llama's.
 */
import type { FeedForward, Model, SoftmaxAttention } from "../model.ts";
import { softmaxAttention } from "../softmax-attention.ts";
import type { ConfigFields } from "./config-fields.ts";
import { decoderOnly } from "./decoder-only.ts";
import type { ModelDimensions } from "./hugging-face-family.ts";
import { dense } from "./mixture-of-experts-fields.ts";
import { readRotaryDim, readTrunk, type Trunk, type TrunkDefaults } from "./trunk.ts";

export interface LlamaLike extends TrunkDefaults {
  readonly trunk?: Trunk;
  /** Whether the class ties the embeddings where tie_word_embeddings is absent. */
  readonly tied?: boolean;
  readonly norm?: Model["norm"];
  readonly normBias?: boolean;
  readonly norms?: number;
  readonly parallel?: boolean;
  readonly logitsBias?: boolean;
  readonly fusedQkv?: boolean;
  readonly qkvBias?: boolean;
  readonly outputBias?: boolean;
  readonly qkNorm?: SoftmaxAttention["qkNorm"];
  /** The share of the head that the class turns where partial_rotary_factor is absent. */
  readonly rotaryShare?: number;
  /** What differs in the attention of one layer: a window, no rotary embedding. */
  readonly attentionAt?: (layer: number, trunk: Trunk) => Partial<SoftmaxAttention>;
  /** One for all layers, or one a layer; a gated network of intermediate_size where absent. */
  readonly feedForwardAt?: (layer: number) => FeedForward;
}

export function readLlamaLike(config: ConfigFields, family: LlamaLike = {}): ModelDimensions {
  const trunk = family.trunk ?? readTrunk(config, family);
  const plain = family.feedForwardAt === undefined ? dense(config.count("intermediate_size")) : null;
  const feedForwardAt = family.feedForwardAt ?? (() => plain as FeedForward);
  const attention = softmaxAttention({
    heads: trunk.heads,
    kvHeads: trunk.kvHeads,
    headDim: trunk.headDim,
    rotaryDim: readRotaryDim(config, trunk.headDim, family.rotaryShare),
    qkvBias: family.qkvBias,
    outputBias: family.outputBias,
    qkNorm: family.qkNorm,
  });
  return decoderOnly({
    dModel: trunk.dModel,
    vocab: trunk.vocab,
    fusedQkv: family.fusedQkv ?? false,
    tied: config.flag("tie_word_embeddings", family.tied ?? false),
    maxContext: trunk.maxContext,
    norm: family.norm ?? "rms",
    normBias: family.normBias ?? false,
    logitsBias: family.logitsBias ?? false,
    layers: trunk.layers,
    layerAt: (layer) => ({
      attention: { ...attention, ...family.attentionAt?.(layer, trunk) },
      feedForward: feedForwardAt(layer),
      norms: family.norms ?? 2,
      parallel: family.parallel ?? false,
    }),
  });
}
