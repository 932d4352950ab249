/**
 * A model made small enough to run here with its shape kept: head size as it is; heads, feed-forward width and vocabulary
 * smaller by the same factor as d_model; fewer layers.
 */
import type { Model } from "../architecture/model.ts";
import { InvalidInput } from "../quantity/invalid-input.ts";
import type { StepDimensions } from "./measured-shape.ts";

export interface ScaledModel {
  readonly dimensions: StepDimensions & { readonly model: string };
  /** How it was scaled, in one sentence; null where it was not. */
  readonly note: string | null;
}

/** Widths are kept whole multiples of it, as real ones are. */
const widthStep = 64;

/**
 * @throws InvalidInput for a model whose layers are not all softmax attention and a dense feed-forward network
 * @example Llama-2-7B to d_model 1024 and 4 layers has 8 heads of 128, d_ff 2752 and a vocabulary of 8000
 */
export function scaledModel(model: Model, most: { readonly dModel: number; readonly layers: number }): ScaledModel {
  const layer = model.decoder.kinds[model.decoder.order[0] ?? 0];
  const { attention, feedForward } = layer ?? {};
  if (attention?.kind !== "softmax" || feedForward?.kind !== "dense" || model.encoder !== null) {
    throw new InvalidInput("model", model.id, "whole steps take decoders of softmax attention and dense feed-forward");
  }
  const layersInAll = model.decoder.order.length;
  const layers = Math.min(most.layers, layersInAll);
  const factor = Math.min(1, most.dModel / model.dModel);
  const scaled = (width: number): number =>
    factor === 1 ? width : Math.max(widthStep, Math.round((width * factor) / widthStep) * widthStep);
  const { headDim } = attention;
  const heads = Math.max(1, Math.round(attention.heads * factor));
  const group = attention.heads / attention.kvHeads;
  const kvHeads = heads % group === 0 ? heads / group : 1;
  const dModel = Math.min(most.dModel, model.dModel);
  const [dFf, vocab] = [scaled(feedForward.dFf), scaled(model.vocab)];
  const isWhole = factor === 1 && layers === layersInAll;
  const name = isWhole ? model.id : `${model.id}-d${dModel}-l${layers}`;
  const { gated } = feedForward;
  const { window } = attention;
  const dimensions = { model: name, layers, dModel, heads, kvHeads, headDim, dFf, gated, vocab, window };
  if (isWhole) return { dimensions, note: null };
  const parts = [
    [layers, layersInAll, "layers"],
    [dModel, model.dModel, "d_model"],
    [heads, attention.heads, "heads"],
    [dFf, feedForward.dFf, "d_ff"],
    [vocab, model.vocab, "words"],
  ] as const;
  const changed = parts.filter(([now, was]) => now !== was).map(([now, was, what]) => `${what} ${now} of ${was}`);
  return { dimensions, note: `${name} is ${model.id} scaled down: ${changed.join(", ")}` };
}
