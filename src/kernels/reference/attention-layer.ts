/** One layer's attention in a step, from the normed input to the output projection. */
import type { AttentionWeights, LinearAttentionTensors, SoftmaxWeights } from "./attention-weights.ts";
import { deltaNet } from "./delta-net.ts";
import { latentLayer } from "./latent-layer.ts";
import type { LayerCache, RowCache } from "./layer-cache.ts";
import type { Tensor } from "./processor.ts";
import { softmaxAttention } from "./softmax-attention.ts";
import { activations, normEpsilon, normInPlace, project, rotateInPlace, type StepFrame } from "./step-frame.ts";

/** Attention of the layer, [T, d]; the cache takes the new tokens' rows, or the state moves on. */
export function attentionLayer(frame: StepFrame, w: AttentionWeights, cache: LayerCache, input: Tensor): Tensor {
  if (w.kind === "linear") return linearLayer(frame, w, cache, input);
  if (cache.rows === null) throw new TypeError("softmax and latent attention keep rows");
  if (frame.phase === "decode" && frame.options.cacheUpdate === "concat") {
    cache.rows.concatenate(frame.context, frame.queryTokens);
  }
  return w.kind === "softmax" ? softmaxLayer(frame, w, cache.rows, input) : latentLayer(frame, w, cache.rows, input);
}

function softmaxLayer(frame: StepFrame, w: SoftmaxWeights, cache: RowCache, input: Tensor): Tensor {
  const { heads, kvHeads, headDim, sharedKeyValue, outputGate } = w.of;
  const width = w.qkv.outFeatures;
  const keyWidth = kvHeads * headDim;
  const keysFrom = (outputGate ? 2 : 1) * heads * headDim;
  const queryOffset = (token: number, head: number): number => token * width + head * headDim;
  const keyOffset = (token: number, head: number): number => token * width + keysFrom + head * headDim;
  const valuesFrom = keysFrom + (sharedKeyValue ? 0 : keyWidth);
  const qkv = project(frame, w.qkv, input);
  // Values first: where one projection makes both, keys are normed and turned in place afterwards.
  const { context, queryTokens } = frame;
  cache.append(qkv, (token) => token * width + valuesFrom, context, queryTokens, keyWidth, keyWidth);
  normQueriesAndKeys(frame, w, qkv, queryOffset, keyOffset);
  if (w.of.rotaryDim > 0) {
    rotateInPlace(frame, qkv, w.of.rotaryDim, heads, queryOffset);
    rotateInPlace(frame, qkv, w.of.rotaryDim, kvHeads, keyOffset);
  }
  cache.append(qkv, (token) => token * width + keysFrom, context, queryTokens, 0, keyWidth);
  const output = activations(frame, frame.tokens * heads * headDim);
  softmaxAttention(frame.processor, {
    heads,
    kvHeads,
    headDim,
    reach: w.of,
    mode: "causal",
    contexts: new Array<number>(frame.sequences).fill(context),
    sequencesPerCache: 1,
    queryTokens,
    queries: qkv,
    queryOffset,
    rows: {
      keys: cache.tensor,
      values: cache.tensor,
      keyOffset: (sequence, row, head) => cache.offset(sequence, row) + head * headDim,
      valueOffset: (sequence, row, head) => cache.offset(sequence, row) + keyWidth + head * headDim,
    },
    sinks: w.sinks,
    gate: outputGate ? { tensor: qkv, offset: (token, head) => token * width + (heads + head) * headDim } : null,
    output,
    kernel:
      frame.options.attentionKernel === "materialized"
        ? { kind: "materialized", activationBytesPerElement: frame.activationBytes }
        : { kind: "fused" },
  });
  return project(frame, w.output, output);
}

function normQueriesAndKeys(
  frame: StepFrame,
  w: SoftmaxWeights,
  qkv: Tensor,
  queryOffset: (token: number, head: number) => number,
  keyOffset: (token: number, head: number) => number,
): void {
  const { heads, kvHeads, headDim, qkNorm } = w.of;
  if (w.queryNorm === null || w.keyNorm === null) return;
  const full = qkNorm === "full";
  normInPlace(frame, w.queryNorm, qkv, full ? heads * headDim : headDim, full ? 1 : heads, queryOffset);
  normInPlace(frame, w.keyNorm, qkv, full ? kvHeads * headDim : headDim, full ? 1 : kvHeads, keyOffset);
}

function linearLayer(frame: StepFrame, w: LinearAttentionTensors, cache: LayerCache, input: Tensor): Tensor {
  if (cache.state === null) throw new TypeError("linear attention keeps a state");
  const { keyHeads, valueHeads, keyDim, valueDim, convolution } = w.of;
  const output = activations(frame, frame.tokens * valueHeads * valueDim);
  deltaNet(frame.processor, {
    sequences: frame.sequences,
    queryTokens: frame.queryTokens,
    keyHeads,
    valueHeads,
    keyDim,
    valueDim,
    convolution,
    input: project(frame, w.input, input),
    gates: project(frame, w.gates, input),
    weights: w.core,
    state: cache.state.matrix,
    convolutionState: cache.state.convolution,
    output,
    epsilon: normEpsilon,
  });
  return project(frame, w.output, output);
}
