/**
 * The model that the columns of a steps table describe: a decoder-only stack of equal layers with RMS norms, rotary embedding,
 * no biases and an LM head of its own; gated is SwiGLU, else ReLU. The name is only a label.
 */
import type { Model } from "../architecture/model.ts";
import { softmaxAttention } from "../architecture/softmax-attention.ts";
import { countParameters } from "../architecture/weights.ts";
import type { StepDimensions } from "./measured-shape.ts";

export function stepModel(dimensions: StepDimensions): Model {
  const name = dimensions.model ?? "measured model";
  const { heads, kvHeads, headDim, window, dFf, gated } = dimensions;
  return {
    id: name,
    name,
    dModel: dimensions.dModel,
    vocab: dimensions.vocab,
    tiedEmbeddings: false,
    positions: 0,
    norm: "rms",
    normBias: false,
    outerNorms: 1,
    logitsBias: false,
    maxContext: null,
    decoder: {
      kinds: [
        {
          name: "layer",
          attention: softmaxAttention({ heads, kvHeads, headDim, window }),
          crossAttention: null,
          feedForward: { kind: "dense", dFf, gated, bias: false },
          norms: 2,
          parallel: false,
        },
      ],
      order: new Array<number>(dimensions.layers).fill(0),
    },
    encoder: null,
    publishedWeights: null,
  };
}

/**
 * Parameters that a step of the row's model reads, as the table counts them: all but the input embedding and the final norm.
 * @example 32 layers of 4096, 32 heads of 128, SwiGLU of 11008, vocabulary 32000: 6_607_339_520
 */
export function parametersRead(dimensions: StepDimensions): number {
  const { total, embedding } = countParameters(stepModel(dimensions));
  return total - embedding - dimensions.dModel;
}
