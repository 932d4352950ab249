/** What the parts of a layer need to know of the step that runs: its tokens, their positions, formats and options. */
import type { Model } from "../../architecture/model.ts";
import type { StepOptions } from "../../step/step-options.ts";
import { linear } from "./linear.ts";
import { normalize } from "./normalization.ts";
import type { Processor, Tensor } from "./processor.ts";
import { rotate } from "./rotary-embedding.ts";
import type { LinearWeights, NormWeights } from "./weight-source.ts";

/** Added to a mean square before its root. */
export const normEpsilon = 1e-5;
/** Base of the rotary embedding's angles (Su et al. 2021, section 3.2.2). */
export const rotaryBase = 10_000;

export interface StepFrame {
  readonly processor: Processor;
  readonly model: Model;
  readonly options: StepOptions;
  readonly phase: "decode" | "prefill";
  readonly sequences: number;
  readonly queryTokens: number;
  /** Sequences × query tokens. */
  readonly tokens: number;
  /** Rows a sequence once the new tokens are in the cache. */
  readonly context: number;
  readonly activationBytes: number;
}

/** A tensor of activations, zero. */
export function activations(frame: StepFrame, length: number): Tensor {
  return frame.processor.tensor("activations", new Float64Array(length), frame.activationBytes);
}

/** Position of a token from 0; tokens count over all sequences. */
export function positionOf(frame: StepFrame, token: number): number {
  return frame.context - frame.queryTokens + (token % frame.queryTokens);
}

/** y[T, n] of a linear layer over all tokens of the step. */
export function project(frame: StepFrame, w: LinearWeights, input: Tensor): Tensor {
  const { inFeatures, outFeatures, matrix, bias } = w;
  const output = activations(frame, frame.tokens * outFeatures);
  linear(frame.processor, { tokens: frame.tokens, inFeatures, outFeatures, input, weights: matrix, bias, output });
  return output;
}

/** The norm of the residual stream, one vector a token. */
export function normed(frame: StepFrame, w: NormWeights, input: Tensor): Tensor {
  const output = activations(frame, frame.tokens * frame.model.dModel);
  normalize(frame.processor, {
    norm: frame.model.norm,
    features: frame.model.dModel,
    vectors: frame.tokens,
    input,
    output,
    ...w,
    epsilon: normEpsilon,
  });
  return output;
}

/** Norms `each` vectors of a token's row in place. */
export function normInPlace(
  frame: StepFrame,
  w: NormWeights,
  tensor: Tensor,
  features: number,
  each: number,
  offset: (token: number, vector: number) => number,
): void {
  const at = (vector: number): number => offset(Math.floor(vector / each), vector % each);
  normalize(frame.processor, {
    norm: frame.model.norm,
    features,
    vectors: frame.tokens * each,
    input: tensor,
    inputOffset: at,
    output: tensor,
    outputOffset: at,
    ...w,
    epsilon: normEpsilon,
  });
}

/** Turns `each` vectors of a token's row in place, by the token's position. */
export function rotateInPlace(
  frame: StepFrame,
  tensor: Tensor,
  rotaryDim: number,
  each: number,
  offset: (token: number, vector: number) => number,
): void {
  rotate(frame.processor, {
    tensor,
    vectors: frame.tokens * each,
    offset: (vector) => offset(Math.floor(vector / each), vector % each),
    position: (vector) => positionOf(frame, Math.floor(vector / each)),
    rotaryDim,
    base: rotaryBase,
  });
}
