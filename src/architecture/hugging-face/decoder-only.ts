/** A decoder-only model's dimensions from what is special about them. */
import type { Layer, Model } from "../model.ts";
import { stackOfLayers } from "../stack-of-layers.ts";
import type { ModelDimensions } from "./hugging-face-family.ts";

export interface DecoderOnlyGiven {
  readonly dModel: number;
  readonly vocab: number;
  readonly embeddingDim?: number;
  readonly fusedQkv?: boolean;
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

export function decoderOnly(given: DecoderOnlyGiven): ModelDimensions {
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
    ...(given.embeddingDim === undefined ? {} : { embeddingDim: given.embeddingDim }),
    ...(given.fusedQkv === true ? { fusedQkv: true } : {}),
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
