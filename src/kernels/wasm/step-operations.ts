/** The operations of a decode step between its attention kernels, as calls of a plan: each is what a single operation runs. */
import type { Model } from "../../architecture/model.ts";
import { normEpsilon } from "../reference/step-frame.ts";
import {
  normWords,
  packedVectors,
  type Rows,
  residualWords,
  rotaryWords,
  sharing,
  type Vectors,
} from "./elementwise-words.ts";
import { type LinearBuffers, linearBuffers, linearWords, packsInput } from "./linear-job.ts";
import type { StepPlan } from "./step-plan.ts";
import type { PlacedLinear, PlacedNorm } from "./step-weights.ts";
import { paddedElements } from "./stored-rows.ts";

/** What the operations of one step share. */
export interface StepSetting {
  readonly plan: StepPlan;
  readonly model: Model;
  readonly tokens: number;
  readonly linearBuffers: LinearBuffers;
}

/** Buffers for the widest input of any linear layer. */
export function sharedLinearBuffers(plan: StepPlan, tokens: number, widest: number): LinearBuffers {
  return linearBuffers({ tokens, inFeatures: widest, outFeatures: 0 }, plan.threads, plan.layout);
}

/** [T, features], each row padded with zeros to sixteens, as linear layers want their input. */
export function paddedRows({ plan, tokens }: StepSetting, features: number): Rows {
  const padded = paddedElements(features);
  return { at: plan.buffer(tokens * padded), stride: padded * 4 };
}

/** [T, features], as linear layers leave their output. */
export function packedRows({ plan, tokens }: StepSetting, features: number): Rows {
  return { at: plan.buffer(tokens * features), stride: features * 4 };
}

/** y = x Wᵀ + bias, with x padded and y packed. */
export function linearLayer(
  { plan, tokens, linearBuffers: buffers }: StepSetting,
  w: PlacedLinear,
  x: Rows,
  y: Rows,
): void {
  const shape = { tokens, inFeatures: w.columns, outFeatures: w.rows };
  const places = { ...w, ...buffers, x: x.at, y: y.at };
  plan.call(linearWords(shape, w.format, plan.threads, places), { parallel: true, before: packsInput(shape) });
}

/** Norms the residual stream, or what a block adds to it. */
export function normRows(setting: StepSetting, w: PlacedNorm, input: Rows, output: Rows): void {
  const { model, tokens } = setting;
  const [from, to] = [packedVectors(input.at, input.stride), packedVectors(output.at, output.stride)];
  normVectors(setting, w, { vectors: tokens, vectorsPerToken: 1, features: model.dModel, input: from, output: to });
}

export interface NormShape {
  readonly vectors: number;
  readonly vectorsPerToken: number;
  readonly features: number;
  readonly input: Vectors;
  readonly output: Vectors;
}

export function normVectors({ plan, model }: StepSetting, w: PlacedNorm, shape: NormShape): void {
  const shared = shape.vectors === 1 ? 1 : sharing(8 * shape.vectors * shape.features, plan.threads);
  plan.small(normWords({ ...shape, ...w, norm: model.norm, epsilon: normEpsilon }, shared), shared);
}

/** x += y. */
export function addToStream({ plan, model, tokens }: StepSetting, x: Rows, y: Rows): void {
  const shared = sharing(12 * tokens * model.dModel, plan.threads);
  plan.small(residualWords({ tokens, features: model.dModel, x, y, output: x }, shared), shared);
}

/** Copies vectors to where they are padded. */
export function copyVectors({ plan }: StepSetting, shape: NormShape): void {
  const { features: elements, ...rest } = shape;
  const shared = sharing(8 * shape.vectors * elements, plan.threads);
  plan.small(rotaryWords({ ...rest, elements, half: 0, cosines: 0, sines: 0, factor: 1 }, shared), shared);
}

export function copyRows(setting: StepSetting, features: number, input: Rows, output: Rows): void {
  const [from, to] = [packedVectors(input.at, input.stride), packedVectors(output.at, output.stride)];
  copyVectors(setting, { vectors: setting.tokens, vectorsPerToken: 1, features, input: from, output: to });
}
