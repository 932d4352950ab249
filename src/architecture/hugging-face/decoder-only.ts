/** A decoder-only model's dimensions from what is special about them. */
import type { Layer, Model } from "../model.ts";
import { stackOfLayers } from "../stack-of-layers.ts";
import type { ConfigFields } from "./config-fields.ts";
import type { ModelDimensions } from "./hugging-face-family.ts";

export interface DecoderOnlyGiven {
  readonly dModel: number;
  readonly vocab: number;
  readonly tied: boolean;
  readonly maxContext: number | null;
  readonly norm: Model["norm"];
  readonly normBias?: boolean;
  readonly positions?: number;
  readonly outerNorms?: number;
  readonly logitsBias?: boolean;
  readonly layers: number;
  readonly layerAt: (layer: number) => DecoderLayerGiven;
}

export type DecoderLayerGiven = Pick<Layer, "attention" | "feedForward"> & Partial<Pick<Layer, "norms" | "parallel">>;

const maxLayers = 10_000;

/** @throws InvalidInput for more than 10,000 layers */
export function decoderOnly(config: ConfigFields, given: DecoderOnlyGiven): ModelDimensions {
  if (given.layers > maxLayers) {
    throw config.fault("num_hidden_layers", given.layers, `wants at most ${maxLayers}`);
  }
  const layers = Array.from({ length: given.layers }, (_, depth) => {
    const layer = given.layerAt(depth);
    return {
      attention: layer.attention,
      crossAttention: null,
      feedForward: layer.feedForward,
      norms: layer.norms ?? 2,
      parallel: layer.parallel ?? false,
    };
  });
  return {
    dModel: given.dModel,
    vocab: given.vocab,
    tiedEmbeddings: given.tied,
    positions: given.positions ?? 0,
    norm: given.norm,
    normBias: given.normBias ?? false,
    outerNorms: given.outerNorms ?? 1,
    logitsBias: given.logitsBias ?? false,
    maxContext: given.maxContext,
    decoder: stackOfLayers(layers),
    encoder: null,
  };
}
