/** One layer of a decode step: norms, attention and the feed-forward network over the residual stream, which it changes. */
import { networkActivation } from "../network-activation.ts";
import type { DenseWeights, LayerWeights } from "../reference/decoder-weights.ts";
import type { RowPlaces } from "./attention-job.ts";
import { activationWords, type Rows, sharing } from "./elementwise-words.ts";
import { type AttentionSetting, attentionLayer } from "./step-attention.ts";
import { mixtureOfExperts } from "./step-experts.ts";
import { addToStream, linearLayer, normRows, packedRows, paddedRows } from "./step-operations.ts";
import type { StepWeights } from "./step-weights.ts";

/** What all layers share. */
export interface LayerBuffers {
  /** [T, d], padded: what a norm leaves. */
  readonly normed: Rows;
  /** [T, d]: what attention and the feed-forward network add. */
  readonly attended: Rows;
  readonly fed: Rows;
  readonly raised: Map<number, Rows>;
  readonly active: Map<number, Rows>;
}

export function layerBuffers(setting: AttentionSetting): LayerBuffers {
  const d = setting.model.dModel;
  const sums = { attended: packedRows(setting, d), fed: packedRows(setting, d) };
  return { normed: paddedRows(setting, d), ...sums, raised: new Map(), active: new Map() };
}

/** One layer over the residual stream, which it changes; the order of norms is reference-decoder.ts's. */
export function runLayer(
  setting: AttentionSetting,
  weights: StepWeights,
  buffers: LayerBuffers,
  w: LayerWeights,
  x: Rows,
): RowPlaces {
  const { normed, attended, fed } = buffers;
  const norms = w.norms.map((norm) => weights.norm(norm));
  if (w.attention.kind !== "softmax") throw new TypeError("softmax attention is wanted");
  /** The norm of `input`, or the input itself where the layer has none here. */
  const norm = (index: number, input: Rows, output: Rows): Rows => {
    const own = norms[index];
    if (own === undefined) return input;
    normRows(setting, own, input, output);
    return output;
  };
  const before = norm(0, x, normed);
  const rows = attentionLayer(setting, w.attention, weights, before, attended);
  norm(2, attended, attended);
  const { parallel } = w.layer;
  if (!parallel) addToStream(setting, x, attended);
  feedForward(setting, weights, buffers, w, parallel && norms.length < 2 ? before : norm(1, x, normed), fed);
  norm(3, fed, fed);
  if (parallel) addToStream(setting, x, attended);
  addToStream(setting, x, fed);
  return rows;
}

function feedForward(
  setting: AttentionSetting,
  weights: StepWeights,
  buffers: LayerBuffers,
  { layer, feedForward: w }: LayerWeights,
  input: Rows,
  output: Rows,
): void {
  if (w.dense !== null) denseNetwork(setting, weights, buffers, w.dense, input, output);
  else if (w.mixture !== null && layer.feedForward.kind === "mixture") {
    const { shared } = w.mixture;
    const always = shared === null ? null : packedRows(setting, setting.model.dModel);
    if (shared !== null && always !== null) denseNetwork(setting, weights, buffers, shared, input, always);
    mixtureOfExperts(setting, weights, { of: layer.feedForward, weights: w.mixture, input, always, output });
  }
}

function denseNetwork(
  setting: AttentionSetting,
  weights: StepWeights,
  { raised, active }: LayerBuffers,
  w: DenseWeights,
  input: Rows,
  output: Rows,
): void {
  const { plan, tokens } = setting;
  const width = w.up.outFeatures;
  const features = w.down.inFeatures;
  const gated = width > features;
  const up = remembered(raised, width, () => packedRows(setting, width));
  const down = remembered(active, features, () => paddedRows(setting, features));
  linearLayer(setting, weights.linear(w.up), input, up);
  const shared = sharing(4 * tokens * (width + features), plan.threads);
  const factor = gated ? { at: up.at + features * 4, stride: up.stride } : null;
  const activation = networkActivation(gated);
  plan.small(activationWords({ activation, tokens, features, input: up, factor, output: down }, shared), shared);
  linearLayer(setting, weights.linear(w.down), down, output);
}

function remembered(made: Map<number, Rows>, key: number, make: () => Rows): Rows {
  const rows = made.get(key) ?? make();
  made.set(key, rows);
  return rows;
}
