/** One layer of a decode step: attention over its cache and the feed-forward network, in the order of reference-decoder.ts. */
import { networkActivation } from "../network-activation.ts";
import type { LayerWeights } from "../reference/decoder-weights.ts";
import { activationKernel } from "./activation-kernel.ts";
import { addAttention } from "./attention-dispatches.ts";
import { addCacheAppend } from "./cache-append-kernel.ts";
import type { DecodeStepFrame } from "./decode-step-frame.ts";
import { elementwiseWorkgroups } from "./elementwise-grid.ts";
import type { GpuBufferPlan } from "./gpu-program.ts";
import { workgroupGrid } from "./gpu-traits.ts";
import { outputGateKernel } from "./output-gate-kernel.ts";

/** Adds the layer to the stream x; answers why it cannot where the device's workgroups are too small. */
export function addLayer(frame: DecodeStepFrame, w: LayerWeights, x: GpuBufferPlan): string | null {
  const d = frame.model.dModel;
  const norms = w.norms.map((norm) => frame.tensors.norm(norm));
  /** The norm of the input in rows of its own; the input itself where the layer has none here. */
  const normed = (index: number, input: GpuBufferPlan, output: GpuBufferPlan): GpuBufferPlan => {
    const own = norms[index];
    if (own === undefined) return input;
    frame.norm(own, input, output);
    return output;
  };
  const attended = frame.rows("attended", d);
  const fed = frame.rows("fed", d);
  const before = normed(0, x, frame.rows("normed", d));
  const refusal = addAttentionLayer(frame, w, before, attended);
  if (refusal !== null) return refusal;
  normed(2, attended, attended);
  const { parallel } = w.layer;
  if (!parallel) frame.add(x, attended);
  const shared = parallel && norms.length < 2;
  addFeedForward(frame, w, shared ? before : normed(1, x, frame.rows("normed", d)), fed);
  normed(3, fed, fed);
  if (parallel) frame.add(x, attended);
  frame.add(x, fed);
  return null;
}

function addAttentionLayer(
  frame: DecodeStepFrame,
  w: LayerWeights,
  input: GpuBufferPlan,
  output: GpuBufferPlan,
): string | null {
  if (w.attention.kind !== "softmax") throw new TypeError("softmax attention is wanted");
  const { of, queryNorm, keyNorm } = w.attention;
  const { heads, kvHeads, headDim } = of;
  const { builder, tensors, tokens, context, cacheFormat } = frame;
  const width = w.attention.qkv.outFeatures;
  const keysFrom = (of.outputGate ? 2 : 1) * heads * headDim;
  const valuesFrom = keysFrom + (of.sharedKeyValue ? 0 : kvHeads * headDim);
  const qkv = frame.rows("queries, keys and values", width);
  frame.linear(tensors.linear(w.attention.qkv), input, qkv);
  const cache = tensors.cache(kvHeads, headDim, cacheFormat, tokens, context);
  const pairs = Array.from({ length: tokens * kvHeads }, (_, pair) => pair * context + context - 1);
  const places = builder.words("new rows' places", pairs);
  const appended = { format: cacheFormat, rows: pairs.length, heads: kvHeads, elements: headDim, tokenStride: width };
  // Values first: where one projection makes both, keys are normed and turned in place afterwards.
  addCacheAppend(builder, { ...appended, first: valuesFrom }, qkv, places, cache.values, cache.valueScales);
  const full = of.qkNorm === "full";
  const placesOf = (first: number, each: number) => ({ first, each, tokenStride: width });
  if (queryNorm !== null && keyNorm !== null) {
    const features = (each: number): number => (full ? each * headDim : headDim);
    const queryPlaces = placesOf(0, full ? 1 : heads);
    frame.normInPlace(tensors.norm(queryNorm), features(heads), queryPlaces, qkv);
    frame.normInPlace(tensors.norm(keyNorm), features(kvHeads), placesOf(keysFrom, full ? 1 : kvHeads), qkv);
  }
  if (of.rotaryDim > 0) {
    frame.rotate(headDim, of.rotaryDim, placesOf(0, heads), qkv);
    frame.rotate(headDim, of.rotaryDim, placesOf(keysFrom, kvHeads), qkv);
  }
  addCacheAppend(builder, { ...appended, first: keysFrom }, qkv, places, cache.keys, cache.keyScales);
  const mixed = frame.rows("heads' outputs", heads * headDim);
  const refusal = addAttention(builder, {
    heads,
    kvHeads,
    headDim,
    contexts: new Array<number>(tokens).fill(context),
    queryTokens: 1,
    reach: of,
    format: cacheFormat,
    queries: qkv,
    queryStride: width / 4,
    stored: [cache],
    sinks: tensors.vector("sinks", w.attention.sinks),
    output: mixed,
  });
  if (refusal !== null) return refusal;
  if (of.outputGate) {
    const elements = heads * headDim;
    const grid = workgroupGrid(elementwiseWorkgroups(tokens * elements), builder.traits);
    builder.dispatch(outputGateKernel(tokens, elements, elements, width), [mixed, qkv], grid);
  }
  frame.linear(tensors.linear(w.attention.output), mixed, output);
  return null;
}

function addFeedForward(frame: DecodeStepFrame, w: LayerWeights, input: GpuBufferPlan, output: GpuBufferPlan): void {
  const { dense } = w.feedForward;
  if (dense === null) throw new TypeError("a dense network is wanted");
  const { builder, tensors, tokens } = frame;
  const dFf = dense.down.inFeatures;
  const gated = dense.up.outFeatures > dFf;
  const raised = frame.rows("raised", dense.up.outFeatures);
  const active = frame.rows("active", dFf);
  frame.linear(tensors.linear(dense.up), input, raised);
  const kernel = activationKernel({ tokens, dFf, gated, activation: networkActivation(gated) });
  builder.dispatch(kernel, [raised, active], workgroupGrid(elementwiseWorkgroups(tokens * dFf), builder.traits));
  frame.linear(tensors.linear(dense.down), active, output);
}
