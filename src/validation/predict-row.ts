/**
 * The prediction of one measured row, through the same plans, counts and timing models as every other prediction:
 *   attention  one attention core, fused: K and V read once, queries read, outputs written
 *   linear     one projection of m rows
 *   steps      the whole step of the model that the row's columns describe
 */
import { evaluateStep, stepPredictor } from "../analysis/predict-step.ts";
import type { Model } from "../architecture/model.ts";
import { singleDevice } from "../architecture/shard.ts";
import type { Hardware } from "../hardware/hardware.ts";
import type { AttentionRow, LinearRow, MeasurementRow, StepRow } from "../measurement/measurement-row.ts";
import { attentionCore } from "../operations/attention-core.ts";
import { projection } from "../operations/projection.ts";
import { type ComputeFormat, multiplyFormat } from "../quantity/number-format.ts";
import { countStep, type StepTape, stepTape } from "../step/count-step.ts";
import { type PlannedOperation, plannedOperation } from "../step/planned-operation.ts";
import { defaultStepOptions } from "../step/step-options.ts";
import type { StepPlan } from "../step/step-plan.ts";
import { bytesPerWeight } from "../step/weight-bytes.ts";
import { roofline } from "../timing/roofline.ts";
import { type Bound, emptyStepTime, largestBound, type StepTime, type TimingModel } from "../timing/timing-model.ts";
import { type RowFormats, rowFormats } from "./row-formats.ts";
import { modelOfRow } from "./row-model.ts";

/** What is predicted and counted for a row; figures are of one device where several share the work. */
export interface RowPrediction {
  readonly seconds: number;
  readonly interval: { readonly low: number; readonly high: number; readonly level: number } | null;
  readonly bound: Bound;
  readonly bytes: number;
  readonly weightBytes: number;
  readonly kvBytes: number;
  readonly matmulFlops: number;
  readonly flops: number;
  /** The format in which most of it is multiplied. */
  readonly computeFormat: ComputeFormat;
  /** Operations that run one after the other. */
  readonly operations: number;
}

export type RowPredictor = (row: MeasurementRow, table: string) => RowPrediction;

/**
 * Predicts rows on a machine; the roofline unless another timing model is given.
 * @throws InvalidInput from the predictor, for a format that the machine can't multiply, or a link that it lacks
 */
export function rowPredictor(hardware: Hardware, timing: TimingModel = roofline(hardware)): RowPredictor {
  return (row, table) => {
    const formats = rowFormats(row, hardware, table);
    if (row.kind === "steps") return predictStepRow(row, formats, hardware, timing);
    const operation = row.kind === "attention" ? attentionOperation(row, formats) : linearOperation(row, formats);
    const plan = kernelPlan(operation, formats);
    const workload =
      row.kind === "attention" ? { batch: row.batch, context: row.context } : { batch: row.m, context: 1 };
    const tape = countStep(plan, workload, stepTape(plan));
    return predictionOf(tape, timing.bind(plan).time(tape, emptyStepTime(plan)));
  };
}

function predictStepRow(row: StepRow, formats: RowFormats, hardware: Hardware, timing: TimingModel): RowPrediction {
  const parallelism = { ...singleDevice, tensor: row.tp };
  const predictor = stepPredictor(modelOfRow(row), hardware, { step: { ...formats, parallelism }, timing });
  return predictionOf(predictor.tape, evaluateStep(predictor, { batch: row.batch, context: row.context }));
}

/** The attention core of the row's own heads: they are one device's share already. */
function attentionOperation(row: AttentionRow, formats: RowFormats): PlannedOperation {
  const shape = {
    heads: row.heads,
    headDim: row.headDim,
    rowElements: 2 * row.kvHeads * row.headDim,
    reach: { window: row.window, chunk: null },
    mode: "causal" as const,
    materialized: false,
    outputGate: false,
    weightBytes: 0,
    kvBytesPerElement: formats.kvCache.bits / 8,
    activationBytesPerElement: outputBytes(formats),
  };
  return plannedOperation("attention", attentionCore, shape, multiplyFormat(formats.kvCache, formats.activations));
}

function linearOperation(row: LinearRow, formats: RowFormats): PlannedOperation {
  const shape = {
    inFeatures: row.k,
    outFeatures: row.n,
    weightBytesPerElement: bytesPerWeight(formats.weights, "matrix", row.k),
    biasElements: 0,
    biasBytesPerElement: 0,
    activationBytesPerElement: outputBytes(formats),
  };
  return plannedOperation("linear", projection, shape, multiplyFormat(formats.weights, formats.activations));
}

function outputBytes(formats: RowFormats): number {
  return formats.activations.bits / 8;
}

/** A plan of one operation alone, so that any timing model can be bound to it. */
function kernelPlan(operation: PlannedOperation, formats: RowFormats): StepPlan {
  return {
    model: kernelModel,
    deviceModel: kernelModel,
    options: { ...defaultStepOptions, ...formats },
    formats: { matrices: formats.weights, experts: formats.weights, logits: formats.weights },
    operations: [operation],
  };
}

/** A kernel is no model's: a plan without layers. */
const kernelModel: Model = {
  id: "kernel",
  name: "one kernel",
  dModel: 1,
  vocab: 1,
  tiedEmbeddings: true,
  positions: 0,
  norm: "plain",
  normBias: false,
  outerNorms: 0,
  logitsBias: false,
  maxContext: null,
  decoder: { kinds: [], order: [] },
  encoder: null,
  publishedWeights: null,
};

function predictionOf(tape: StepTape, time: StepTime): RowPrediction {
  const t = tape.totals;
  return {
    seconds: time.seconds,
    interval: time.interval,
    bound: largestBound(time.secondsByBound),
    bytes: t.weightBytes + t.kvBytes + t.activationBytes,
    weightBytes: t.weightBytes,
    kvBytes: t.kvBytes,
    matmulFlops: t.matmulFlops,
    flops: t.flops,
    computeFormat: heaviestFormat(tape),
    operations: tape.plan.operations.reduce((sum, operation) => sum + operation.instances, 0),
  };
}

function heaviestFormat(tape: StepTape): ComputeFormat {
  let heaviest = 0;
  tape.counts.forEach((counts, i) => {
    if (counts.matmulFlops > (tape.counts[heaviest]?.matmulFlops ?? 0)) heaviest = i;
  });
  return tape.plan.operations[heaviest]?.computeFormat ?? "bf16";
}
