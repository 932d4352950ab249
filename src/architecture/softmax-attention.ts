/** A softmax attention from what is special about it. */
import type { SoftmaxAttention } from "./model.ts";

type Special = Omit<SoftmaxAttention, "kind" | "heads" | "kvHeads" | "headDim">;

export type SoftmaxAttentionGiven = Pick<SoftmaxAttention, "heads" | "kvHeads" | "headDim"> & {
  readonly [Key in keyof Special]?: Special[Key] | undefined;
};

/**
 * Fills what is not given: no window, rotary embedding over the whole head, no biases, norms, gate or sinks.
 * @example softmaxAttention({ heads: 32, kvHeads: 8, headDim: 128 }).rotaryDim is 128
 */
export function softmaxAttention(given: SoftmaxAttentionGiven): SoftmaxAttention {
  return {
    kind: "softmax",
    heads: given.heads,
    kvHeads: given.kvHeads,
    headDim: given.headDim,
    window: given.window ?? null,
    chunk: given.chunk ?? null,
    rotaryDim: given.rotaryDim ?? given.headDim,
    qkvBias: given.qkvBias ?? false,
    outputBias: given.outputBias ?? false,
    qkNorm: given.qkNorm ?? "none",
    sharedKeyValue: given.sharedKeyValue ?? false,
    outputGate: given.outputGate ?? false,
    sinks: given.sinks ?? false,
    relativeBuckets: given.relativeBuckets ?? 0,
  };
}
