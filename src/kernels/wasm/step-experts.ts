/**
 * A mixture of experts in a decode step: the router's linear layer, its choice, then for each expert that some token chose its two linear
 * layers over the tokens that did, and the weighted sum. Which experts these are is known only while the step runs, so every expert has
 * jobs for 1, 2 … B tokens, and the program has slots that routing fills (assembly/experts.ts).
 */
import type { MixtureOfExperts } from "../../architecture/model.ts";
import { networkActivation } from "../network-activation.ts";
import type { FeedForwardWeightTensors } from "../reference/decoder-weights.ts";
import { activationWords, type Rows } from "./elementwise-words.ts";
import { linearWords, packsInput } from "./linear-job.ts";
import { linearLayer, packedRows, type StepSetting } from "./step-operations.ts";
import type { PlacedLinear, StepWeights } from "./step-weights.ts";
import { paddedElements } from "./stored-rows.ts";
import { jobBytes, kernelNumbers } from "./wasm-job.ts";

export interface MixtureCall {
  readonly of: MixtureOfExperts;
  readonly weights: NonNullable<FeedForwardWeightTensors["mixture"]>;
  /** [T, d], padded. */
  readonly input: Rows;
  /** [T, d] of the network that every token passes; null without. */
  readonly always: Rows | null;
  /** [T, d]. */
  readonly output: Rows;
}

/** [experts, T] rows, an expert's tokens in the order of the batch. */
interface ExpertBuffers {
  readonly input: Rows;
  readonly raised: Rows;
  readonly active: Rows;
  readonly output: Rows;
}

export function mixtureOfExperts(setting: StepSetting, weights: StepWeights, call: MixtureCall): void {
  const { plan, tokens, model } = setting;
  const { experts, expertsPerToken: k, dFf, gated } = call.of;
  const logits = packedRows(setting, experts);
  linearLayer(setting, weights.linear(call.weights.router), call.input, logits);
  const gate = call.weights.sharedGate === null ? null : packedRows(setting, 1);
  if (call.weights.sharedGate !== null && gate !== null)
    linearLayer(setting, weights.linear(call.weights.sharedGate), call.input, gate);

  const all: StepSetting = { ...setting, tokens: experts * tokens };
  const width = (gated ? 2 : 1) * dFf;
  const paddedActive = paddedElements(dFf);
  const buffers: ExpertBuffers = {
    input: { at: plan.buffer((all.tokens * call.input.stride) / 4), stride: call.input.stride },
    raised: packedRows(all, width),
    active: { at: plan.buffer(all.tokens * paddedActive), stride: paddedActive * 4 },
    output: packedRows(all, model.dModel),
  };
  const jobs = plan.layout.take(3 * experts * tokens * jobBytes);
  call.weights.experts.forEach((expert, e) => {
    const up = { ...weights.matrix(expert.up, width, model.dModel), bias: weights.vector(expert.upBias) };
    const down = { ...weights.matrix(expert.down, model.dModel, dFf), bias: weights.vector(expert.downBias) };
    for (let count = 1; count <= tokens; count++) {
      const at = (part: number): number => jobs + ((part * experts + e) * tokens + count - 1) * jobBytes;
      writeExpertJobs(setting, call.of, buffers, { expert: e, count, up, down, at });
    }
  });
  const slots = Math.min(experts, tokens * k);
  const cells = plan.layout.take(slots * 3 * 4);
  const entries = plan.layout.take(tokens * k * 8);
  const unused = plan.layout.take(jobBytes);
  plan.job(unused, [kernelNumbers.empty, 0, 0, 0]);
  const route = [kernelNumbers.routeTokens, tokens, experts, k, logits.at, call.input.at, call.input.stride];
  const rows = [buffers.input.at, buffers.output.at, buffers.output.stride, entries, plan.layout.take(experts * 4)];
  plan.call([...route, ...rows, jobs, jobBytes, cells, slots, unused], { parallel: false });
  for (let slot = 0; slot < slots; slot++) {
    const cell = (part: number): number => cells + (3 * slot + part) * 4;
    const linear = { parallel: true, before: packsInput({ tokens, inFeatures: 0, outFeatures: 0 }) };
    plan.chosen(cell(0), linear);
    plan.chosen(cell(1), { parallel: false });
    plan.chosen(cell(2), linear);
  }
  const sum = [kernelNumbers.combineExperts, tokens, k, model.dModel, entries, call.output.at, call.output.stride];
  plan.call([...sum, call.always?.at ?? 0, gate?.at ?? 0], { parallel: false });
}

interface ExpertJobs {
  readonly expert: number;
  /** Tokens that chose it. */
  readonly count: number;
  readonly up: PlacedLinear;
  readonly down: PlacedLinear;
  /** Address of the first linear layer's job, the activation's, the second linear layer's. */
  readonly at: (part: number) => number;
}

function writeExpertJobs(
  { plan, tokens, linearBuffers }: StepSetting,
  { dFf, gated }: MixtureOfExperts,
  buffers: ExpertBuffers,
  { expert, count, up, down, at }: ExpertJobs,
): void {
  const own = ({ at: first, stride }: Rows): Rows => ({ at: first + expert * tokens * stride, stride });
  const [input, raised, active, output] = [
    own(buffers.input),
    own(buffers.raised),
    own(buffers.active),
    own(buffers.output),
  ];
  const linear = (w: PlacedLinear, x: Rows, y: Rows): number[] => {
    const shape = { tokens: count, inFeatures: w.columns, outFeatures: w.rows };
    return linearWords(shape, w.format, plan.threads, { ...w, ...linearBuffers, x: x.at, y: y.at });
  };
  const factor = gated ? { at: raised.at + dFf * 4, stride: raised.stride } : null;
  const activation = networkActivation(gated);
  const places = { activation, tokens: count, features: dFf, input: raised, factor, output: active } as const;
  plan.job(at(0), linear(up, input, raised));
  plan.job(at(1), activationWords(places, 1));
  plan.job(at(2), linear(down, active, output));
}
