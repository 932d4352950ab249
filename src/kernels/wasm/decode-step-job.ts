/**
 * A whole decode step in one memory: the kernels that single operations run, one after the other, over weights and caches drawn as
 * reference-decoder.ts draws them. Every run computes the same step: the new rows go to the same places of the caches.
 */
import type { SoftmaxAttention } from "../../architecture/model.ts";
import { embeddingWidth } from "../../architecture/weights.ts";
import { seededRandom } from "../../quantity/seeded-random.ts";
import type { DecodeStepWork } from "../kernel.ts";
import type { DecoderWeights } from "../reference/decoder-weights.ts";
import { drawnDecoderWeights, drawRows } from "../reference/drawn-weights.ts";
import { rotaryBase } from "../reference/step-frame.ts";
import type { NormWeights } from "../reference/weight-source.ts";
import { storedFormat } from "./decode-step-refusal.ts";
import { fillAngles } from "./elementwise-jobs.ts";
import { lookUpWords, type Rows } from "./elementwise-words.ts";
import { programBytes } from "./kernel-program.ts";
import type { Angles, AttentionSetting } from "./step-attention.ts";
import { type FilledLayer, fillCaches } from "./step-caches.ts";
import { type LayerBuffers, layerBuffers, runLayer } from "./step-layer.ts";
import {
  addToStream,
  copyRows,
  linearLayer,
  normRows,
  packedRows,
  paddedRows,
  sharedLinearBuffers,
} from "./step-operations.ts";
import { StepPlan } from "./step-plan.ts";
import { StepWeights } from "./step-weights.ts";
import type { WasmJob } from "./wasm-job.ts";

/** Of work that decodeStepRefusal finds nothing against. */
export function decodeStepJob(work: DecodeStepWork, threads: number): WasmJob {
  const { model, options, batch, context } = work;
  const plan = new StepPlan(threads);
  const drawn = drawnDecoderWeights(model, options);
  const weights = new StepWeights(plan.layout);
  const setting: AttentionSetting = {
    plan,
    model,
    tokens: batch,
    context,
    format: storedFormat(options.kvCache) ?? "f32",
    linearBuffers: sharedLinearBuffers(plan, batch, widestInput(drawn)),
    angles: angleTables(plan, batch, context),
    buffersOf: new Map<SoftmaxAttention, never>(),
  };
  const tokenIds = plan.layout.take(batch * 4);
  const x = embedding(setting, drawn, weights, tokenIds);
  const buffers = layerBuffers(setting);
  const layers = drawn.layers.map(
    (w): FilledLayer => ({ of: w.layer.attention, rows: runLayer(setting, weights, buffers, w, x) }),
  );
  const logits = outputLogits(setting, drawn, weights, buffers, x);
  const program = { at: plan.layout.take(programBytes(plan.calls.length)), calls: plan.calls };
  return {
    bytes: plan.layout.bytes,
    parallel: true,
    program,
    async fill(view) {
      plan.fill(view);
      await drawRows(seededRandom(work.seed), weights.takersFor(view), nextTurnOfEvents);
      const random = seededRandom(work.seed + 1);
      await fillCaches(view, random, layers, context, setting.format, nextTurnOfEvents);
      for (let sequence = 0; sequence < batch; sequence++)
        view.words[tokenIds / 4 + sequence] = random.below(model.vocab);
    },
    output: (view) => Float64Array.from(view.f32.subarray(logits.at / 4, logits.at / 4 + batch * model.vocab)),
  };
}

function nextTurnOfEvents(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

/** Inputs of the widest linear layer. */
function widestInput(w: DecoderWeights): number {
  const linears = w.layers.flatMap(({ attention, feedForward, layer }) => [
    ...(attention.kind === "softmax" ? [attention.qkv, attention.output] : []),
    ...(feedForward.dense === null ? [] : [feedForward.dense.up, feedForward.dense.down]),
    ...(feedForward.mixture?.shared ? [feedForward.mixture.shared.up, feedForward.mixture.shared.down] : []),
    ...(feedForward.mixture === null ? [] : [feedForward.mixture.router, { inFeatures: layer.feedForward.dFf }]),
  ]);
  const outer = [w.embeddingProjection, w.logitsProjection, w.head].filter((linear) => linear !== null);
  return Math.max(...[...linears, ...outer].map(({ inFeatures }) => inFeatures));
}

function angleTables(plan: StepPlan, tokens: number, context: number): (rotaryDim: number) => Angles {
  const made = new Map<number, Angles>();
  const positions = new Array<number>(tokens).fill(context - 1);
  return (rotaryDim) => {
    const before = made.get(rotaryDim);
    if (before !== undefined) return before;
    const half = rotaryDim / 2;
    const angles = { cosines: plan.layout.take(tokens * half * 4), sines: plan.layout.take(tokens * half * 4) };
    plan.onFill((view) => fillAngles(view, positions, rotaryBase, half, angles.cosines, angles.sines));
    made.set(rotaryDim, angles);
    return angles;
  };
}

/** The tokens' rows of the table, their positions added, as the residual stream. */
function embedding(setting: AttentionSetting, drawn: DecoderWeights, weights: StepWeights, tokenIds: number): Rows {
  const { model, tokens, context, plan } = setting;
  const width = embeddingWidth(model);
  const x = paddedRows(setting, model.dModel);
  const narrow = drawn.embeddingProjection === null ? x : paddedRows(setting, width);
  lookUp(setting, weights, drawn.table, model.vocab, width, tokenIds, narrow);
  if (drawn.embeddingProjection !== null) {
    const wide = packedRows(setting, model.dModel);
    linearLayer(setting, weights.linear(drawn.embeddingProjection), narrow, wide);
    copyRows(setting, model.dModel, wide, x);
  }
  if (drawn.positions !== null) {
    const own = paddedRows(setting, model.dModel);
    const places = plan.words(new Array<number>(tokens).fill(context - 1));
    lookUp(setting, weights, drawn.positions, model.positions, model.dModel, places, own);
    addToStream(setting, x, own);
  }
  if (drawn.embeddingNorm !== null) normRows(setting, weights.norm(drawn.embeddingNorm), x, x);
  return x;
}

function lookUp(
  { plan, tokens }: AttentionSetting,
  weights: StepWeights,
  tensor: DecoderWeights["table"],
  rows: number,
  width: number,
  of: number,
  output: Rows,
): void {
  const { format, weights: table, scales } = weights.matrix(tensor, rows, width);
  const places = { format, tokens, table, scales, tableRows: rows, rows: of, output: output.at };
  plan.call(lookUpWords({ ...places, paddedElements: output.stride / 4 }), { parallel: false });
}

function outputLogits(
  setting: AttentionSetting,
  drawn: DecoderWeights,
  weights: StepWeights,
  { normed }: LayerBuffers,
  x: Rows,
): Rows {
  const { model } = setting;
  const width = embeddingWidth(model);
  const finalNorm: NormWeights | null = drawn.finalNorm;
  if (finalNorm !== null) normRows(setting, weights.norm(finalNorm), x, normed);
  let input = finalNorm === null ? x : normed;
  if (drawn.logitsProjection !== null) {
    const narrow = packedRows(setting, width);
    linearLayer(setting, weights.linear(drawn.logitsProjection), input, narrow);
    input = paddedRows(setting, width);
    copyRows(setting, width, narrow, input);
  }
  const logits = packedRows(setting, model.vocab);
  linearLayer(setting, weights.linear(drawn.head), input, logits);
  return logits;
}
