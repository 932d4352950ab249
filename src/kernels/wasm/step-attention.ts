/** One layer's attention in a decode step, from the normed input to the output projection, over a cache that lies ready. */
import type { SoftmaxAttention } from "../../architecture/model.ts";
import type { SoftmaxWeights } from "../reference/attention-weights.ts";
import {
  type AttentionShape,
  attentionWords,
  type BufferPlaces,
  bufferPlaces,
  fillTables,
  isSplit,
  type RowPlaces,
  rowPlaces,
  tablePlaces,
} from "./attention-job.ts";
import { activationWords, type Rows, rotaryWords, sharing, storeWords, type Vectors } from "./elementwise-words.ts";
import { copyVectors, linearLayer, normVectors, packedRows, paddedRows, type StepSetting } from "./step-operations.ts";
import type { StepWeights } from "./step-weights.ts";
import { paddedElements, rowBytes, type WasmFormat } from "./stored-rows.ts";

/** Angles of the new tokens, one table a width of the rotary embedding. */
export interface Angles {
  readonly cosines: number;
  readonly sines: number;
}

export interface AttentionSetting extends StepSetting {
  readonly context: number;
  readonly format: WasmFormat;
  readonly angles: (rotaryDim: number) => Angles;
  /** Made once a kind of attention. */
  readonly buffersOf: Map<SoftmaxAttention, AttentionBuffers>;
}

interface AttentionBuffers extends BufferPlaces {
  readonly qkv: Rows;
  /** [T, Hq D], padded. */
  readonly heads: Rows;
}

/** Adds the layer's kernels; answers where its rows of keys and values lie. */
export function attentionLayer(
  setting: AttentionSetting,
  w: SoftmaxWeights,
  weights: StepWeights,
  input: Rows,
  output: Rows,
): RowPlaces {
  const { plan, tokens, format } = setting;
  const { heads, kvHeads, headDim, rotaryDim, sharedKeyValue, outputGate } = w.of;
  const buffers = attentionBuffers(setting, w);
  const { qkv } = buffers;
  const keysFrom = (outputGate ? 2 : 1) * heads * headDim;
  const valuesFrom = keysFrom + (sharedKeyValue ? 0 : kvHeads * headDim);
  const part = (from: number): Vectors => ({ at: qkv.at + from * 4, tokenStride: qkv.stride, stride: headDim * 4 });
  const rows = rowPlaces(shapeOf(setting, w.of), format, plan.layout);

  linearLayer(setting, weights.linear(w.qkv), input, qkv);
  // Values first: where one projection makes both, keys are normed and turned in place afterwards.
  append(setting, w.of, part(valuesFrom), rows.values, rows.valueScales);
  normQueriesAndKeys(setting, w, weights, part(0), part(keysFrom));
  const queries = {
    at: buffers.queries,
    tokenStride: heads * paddedElements(headDim) * 4,
    stride: paddedElements(headDim) * 4,
  };
  turn(setting, w.of, heads, headDim, part(0), queries, Math.LOG2E / Math.sqrt(headDim));
  if (rotaryDim > 0) turn(setting, w.of, kvHeads, rotaryDim, part(keysFrom), part(keysFrom), 1);
  append(setting, w.of, part(keysFrom), rows.keys, rows.keyScales);
  attend(setting, w, weights, rows, buffers);
  if (headDim % 16 !== 0) {
    const to = { at: buffers.heads.at, tokenStride: buffers.heads.stride, stride: headDim * 4 };
    const shape = { vectors: tokens * heads, vectorsPerToken: heads, features: headDim };
    copyVectors(setting, { ...shape, input: { ...queries, at: buffers.outputs }, output: to });
  }
  if (outputGate) {
    const features = heads * headDim;
    const gate = { at: qkv.at + features * 4, stride: qkv.stride };
    const shared = sharing(12 * tokens * features, plan.threads);
    const places = { activation: "sigmoid", tokens, features, input: gate, factor: buffers.heads } as const;
    plan.small(activationWords({ ...places, output: buffers.heads }, shared), shared);
  }
  linearLayer(setting, weights.linear(w.output), buffers.heads, output);
  return rows;
}

function shapeOf(setting: AttentionSetting, a: SoftmaxAttention): AttentionShape {
  const { tokens, context, format } = setting;
  const { heads, kvHeads, headDim, window, chunk } = a;
  const contexts = new Array<number>(tokens).fill(context);
  const reach = { window, chunk };
  return { heads, kvHeads, headDim, contexts, capacity: context, queryTokens: 1, reach, format, sinks: null };
}

function attentionBuffers(setting: AttentionSetting, w: SoftmaxWeights): AttentionBuffers {
  const before = setting.buffersOf.get(w.of);
  if (before !== undefined) return before;
  const { plan, tokens } = setting;
  const { heads, headDim } = w.of;
  const from = plan.layout.bytes;
  const places = bufferPlaces(shapeOf(setting, w.of), plan.threads, plan.layout);
  const to = plan.layout.bytes;
  plan.onFill((view) => view.f32.fill(0, from / 4, to / 4));
  const padded = headDim % 16 !== 0;
  const heads1 = padded ? paddedRows(setting, heads * headDim) : { at: places.outputs, stride: heads * headDim * 4 };
  const buffers = { ...places, qkv: packedRows({ ...setting, tokens }, w.qkv.outFeatures), heads: heads1 };
  setting.buffersOf.set(w.of, buffers);
  return buffers;
}

/** The new tokens' rows of keys or values, brought to the end of each sequence's. */
function append(
  { plan, tokens, context, format }: AttentionSetting,
  { kvHeads, headDim }: SoftmaxAttention,
  input: Vectors,
  rows: readonly number[],
  scales: readonly number[],
): void {
  const stored = rowBytes(format, headDim);
  const targets = rows.flatMap((first, s) =>
    Array.from({ length: kvHeads }, (_, head) => {
      const row = head * context + context - 1;
      return [first + row * stored, (scales[s] as number) + row * 4];
    }).flat(),
  );
  const vectors = tokens * kvHeads;
  const shared = sharing(vectors * (headDim * 4 + stored), plan.threads);
  const places = { format, vectors, vectorsPerToken: kvHeads, elements: headDim, input };
  plan.small(storeWords({ ...places, targets: plan.words(targets) }, shared), shared);
}

function normQueriesAndKeys(
  setting: AttentionSetting,
  w: SoftmaxWeights,
  weights: StepWeights,
  queries: Vectors,
  keys: Vectors,
): void {
  if (w.queryNorm === null || w.keyNorm === null) return;
  const { heads, kvHeads, headDim, qkNorm } = w.of;
  const full = qkNorm === "full";
  const parts = [
    { norm: w.queryNorm, of: queries, count: heads },
    { norm: w.keyNorm, of: keys, count: kvHeads },
  ];
  for (const { norm, of, count } of parts) {
    const each = full ? 1 : count;
    const shape = { vectors: setting.tokens * each, vectorsPerToken: each, features: full ? count * headDim : headDim };
    normVectors(setting, weights.norm(norm), { ...shape, input: of, output: of });
  }
}

/** Rotary embedding of `count` vectors a token, times a factor. */
function turn(
  { plan, tokens, angles }: AttentionSetting,
  { rotaryDim }: SoftmaxAttention,
  count: number,
  elements: number,
  input: Vectors,
  output: Vectors,
  factor: number,
): void {
  const shape = { vectors: tokens * count, vectorsPerToken: count, elements, half: rotaryDim / 2 };
  const shared = sharing(8 * tokens * count * elements, plan.threads);
  plan.small(rotaryWords({ ...shape, ...angles(rotaryDim), input, output, factor }, shared), shared);
}

function attend(
  setting: AttentionSetting,
  w: SoftmaxWeights,
  weights: StepWeights,
  rows: RowPlaces,
  buffers: AttentionBuffers,
): void {
  const { plan, format } = setting;
  const shape = shapeOf(setting, w.of);
  const places = { ...rows, ...tablePlaces(shape, plan.threads, plan.layout), ...buffers };
  if (w.sinks === null) plan.onFill((view) => fillTables(view, shape, format, places));
  else
    weights.take(w.sinks, (view, sinks) =>
      fillTables(view, { ...shape, sinks: Float64Array.from(sinks) }, format, places),
    );
  plan.call(attentionWords(shape, format, places), { parallel: true, after: isSplit(shape, places) });
}
