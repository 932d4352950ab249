/** What is predicted and counted for a row of a whole engine. */
import { countDecodeStep } from "../../analysis/count-decode-step.ts";
import type { Model } from "../../architecture/model.ts";
import type { EngineRow } from "../../measurement/measurement-row.ts";
import type { ComputeFormat } from "../../quantity/number-format.ts";
import type { StepOptions, StepWorkload } from "../../step/step-options.ts";
import type { Bound } from "../../timing/timing-model.ts";
import type { RowPrediction } from "../predict-row.ts";

/** Whose constants predict a row, on which machine, with which model: ids. */
export interface RunNames {
  readonly engine: string;
  readonly machine: string;
  readonly model: string;
}

export interface PredictedRun {
  readonly row: EngineRow;
  readonly names: RunNames;
  readonly prediction: RowPrediction;
}

/** The counts of one step on one device: a decode step in the middle of the answer, or the prefill that a figure is of. */
export function countedPrediction(
  model: Model,
  step: Partial<StepOptions>,
  workload: StepWorkload,
  time: { readonly seconds: number; readonly interval: RowPrediction["interval"]; readonly bound: Bound },
): RowPrediction {
  const { totals, operations } = countDecodeStep(model, workload, step);
  const { activations } = step;
  const native: ComputeFormat = activations?.native ?? "bf16";
  return {
    ...time,
    bytes: totals.bytes,
    weightBytes: totals.weightBytes,
    kvBytes: totals.kvBytes,
    linkBytes: totals.linkBytes,
    matmulFlops: totals.matmulFlops,
    flops: totals.flops,
    computeFormat: native,
    operations: operations.reduce((sum, { count }) => sum + count, 0),
  };
}
