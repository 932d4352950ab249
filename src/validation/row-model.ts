/**
 * The model that a row of a steps table describes by its columns: a decoder-only stack of equal layers with RMS norms, rotary
 * embedding, no biases and an LM head of its own; gated is SwiGLU, else ReLU. The name in the table is only a label.
 */
import type { Model } from "../architecture/model.ts";
import { softmaxAttention } from "../architecture/softmax-attention.ts";
import { countParameters } from "../architecture/weights.ts";
import type { StepRow } from "../measurement/measurement-row.ts";

/** The model of one row. */
export function modelOfRow(row: StepRow): Model {
  const name = row.model ?? "measured model";
  return {
    id: name,
    name,
    dModel: row.dModel,
    vocab: row.vocab,
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
          attention: softmaxAttention({
            heads: row.heads,
            kvHeads: row.kvHeads,
            headDim: row.headDim,
            window: row.window,
          }),
          crossAttention: null,
          feedForward: { kind: "dense", dFf: row.dFf, gated: row.gated, bias: false },
          norms: 2,
          parallel: false,
        },
      ],
      order: new Array<number>(row.layers).fill(0),
    },
    encoder: null,
    publishedWeights: null,
  };
}

/**
 * Parameters that a step of the row's model reads, as the table counts them: all but the input embedding and the final norm.
 * @example 32 layers of 4096, 32 heads of 128, SwiGLU of 11008, vocabulary 32000: 6_607_339_520
 */
export function parametersRead(row: StepRow): number {
  const { total, embedding } = countParameters(modelOfRow(row));
  return total - embedding - row.dModel;
}
