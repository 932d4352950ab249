/**
 * The prediction of one measured row, through the same plans, counts and timing models as every other prediction:
 *   steps     the whole step of the model that the row's columns describe
 *   engine    none: a run of an engine is many steps, and whose is not in the row
 *   others    the one operation that the row is (measurement/row-operation.ts)
 */
import { evaluateStep, stepPredictor } from "../analysis/predict-step.ts";
import { singleDevice } from "../architecture/shard.ts";
import type { Hardware } from "../hardware/hardware.ts";
import { withoutCaches } from "../hardware/memory-levels.ts";
import { type EngineRow, type MeasurementRow, type StepRow, softwareOf } from "../measurement/measurement-row.ts";
import { type RowFormats, rowOperation, rowWorkload } from "../measurement/row-operation.ts";
import { stepModel } from "../measurement/step-model.ts";
import type { ComputeFormat } from "../quantity/number-format.ts";
import { countStep, type StepTape, stepTape } from "../step/count-step.ts";
import type { KernelRun } from "../timing/choose-timing.ts";
import { roofline } from "../timing/roofline.ts";
import { type Bound, emptyStepTime, largestBound, type StepTime, type TimingModel } from "../timing/timing-model.ts";
import { kernelPlan } from "./kernel-plan.ts";
import { rowFormats } from "./row-formats.ts";

/** What is predicted and counted for a row; figures are of one device where several share the work. */
export interface RowPrediction {
  readonly seconds: number;
  readonly interval: { readonly low: number; readonly high: number; readonly level: number } | null;
  readonly bound: Bound;
  readonly bytes: number;
  readonly weightBytes: number;
  readonly kvBytes: number;
  /** Sent by the device. */
  readonly linkBytes: number;
  readonly matmulFlops: number;
  readonly flops: number;
  /** The format in which most of it is multiplied. */
  readonly computeFormat: ComputeFormat;
  /** Operations that run one after the other. */
  readonly operations: number;
}

/** A row that one prediction of a kernel or a step stands for. */
export type PredictableRow = Exclude<MeasurementRow, EngineRow>;

export function isPredictable(row: MeasurementRow): row is PredictableRow {
  return row.kind !== "engine";
}

export interface RowPredictor {
  (row: PredictableRow, table: string): RowPrediction;
  /** What the timing models had to say of the rows predicted so far: which peak stands in for a missing one, and the like. */
  readonly notes: () => readonly string[];
  readonly timing: TimingModel["id"];
  /** The software whose steps it times, and the fit; null with the roofline. */
  readonly engine: string | null;
  readonly calibration: string | null;
}

/** The timing model of a machine for whole steps, or for one kernel alone. */
export type RowTiming = (hardware: Hardware, kernel?: KernelRun) => TimingModel;

/**
 * Predicts rows on a machine; the roofline unless another timing model is given. Single kernels are measured with nothing of
 * theirs in a cache unless their row says warm, so that their bytes come from memory; a whole step leaves in the caches what
 * it leaves there.
 * @param timing made for the machine as it is and for the machine without its caches, and once for each kernel that rows name
 * @throws InvalidInput from the predictor, for a format that the machine can't multiply, or a link that it lacks
 */
export function rowPredictor(hardware: Hardware, timing: RowTiming = roofline): RowPredictor {
  const bare = withoutCaches(hardware);
  const models = new Map<string, TimingModel>();
  const modelOf = (key: string, make: () => TimingModel): TimingModel => {
    const model = models.get(key) ?? make();
    models.set(key, model);
    return model;
  };
  const ofSteps = modelOf("steps", () => timing(hardware));
  const predict = (row: PredictableRow, table: string): RowPrediction => {
    const formats = rowFormats(row, hardware, table);
    if (row.kind === "steps") return predictStepRow(row, formats, hardware, ofSteps);
    // The attention of a row is of the row's own heads: they are one device's share already.
    const workload = rowWorkload(row);
    const plan = kernelPlan(rowOperation(row, formats), formats, workload.queryTokens);
    const tape = countStep(plan, workload, stepTape(plan));
    const warm = row.cold === false;
    const kernel = softwareOf(row);
    const model = modelOf(`${warm}|${kernel ?? ""}`, () =>
      timing(warm ? hardware : bare, { name: kernel, cold: !warm }),
    );
    return predictionOf(tape, model.bind(plan).time(tape, emptyStepTime(plan)));
  };
  return Object.assign(predict, {
    notes: () => [...new Set([...models.values()].flatMap((model) => model.notes))],
    timing: ofSteps.id,
    engine: ofSteps.engine,
    calibration: ofSteps.calibration,
  });
}

function predictStepRow(row: StepRow, formats: RowFormats, hardware: Hardware, timing: TimingModel): RowPrediction {
  const parallelism = { ...singleDevice, tensor: row.tp };
  const predictor = stepPredictor(stepModel(row), hardware, { step: { ...formats, parallelism }, timing });
  return predictionOf(predictor.tape, evaluateStep(predictor, { batch: row.batch, context: row.context }));
}

function predictionOf(tape: StepTape, time: StepTime): RowPrediction {
  const t = tape.totals;
  return {
    seconds: time.seconds,
    interval: time.interval === null ? null : { ...time.interval },
    bound: largestBound(time.secondsByBound),
    bytes: t.weightBytes + t.kvBytes + t.activationBytes,
    weightBytes: t.weightBytes,
    kvBytes: t.kvBytes,
    linkBytes: t.linkBytes,
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
