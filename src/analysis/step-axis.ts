/**
 * A step along its batch or its context, all else held: from which value on, and whether its counts are a line there.
 * Counts are lines in the batch but for the experts that a batch touches, and in the context of decoding but for windows,
 * chunks and sparse attention; a prefill's are of second degree in the context. The operations' own formulas say so.
 */
import { dataParallelGroups } from "../architecture/shard.ts";
import type { StepWorkload } from "../step/step-options.ts";
import type { StepPlan } from "../step/step-plan.ts";
import { ceilingRates, type OperationCeilings, operationCeilings } from "./operation-ceilings.ts";
import type { StepPredictor } from "./predict-step.ts";

export type AxisName = "batch" | "context";

export interface StepAxis {
  readonly name: AxisName;
  /** The smallest value allowed. */
  readonly from: number;
  /** Every count is a line along it. */
  readonly affine: boolean;
  /** Counts fall back after every `stride` values (the longest chunk), at offset + n × stride; 1 where they only grow. */
  readonly stride: number;
  readonly offset: number;
  /** The workload with this value put in. */
  at(value: number): StepWorkload;
}

export function stepAxis(plan: StepPlan, workload: StepWorkload, name: AxisName): StepAxis {
  const queryTokens = workload.queryTokens ?? 1;
  const chunk = name === "context" ? longestChunk(plan) : 1;
  return {
    name,
    from: name === "batch" ? 1 : queryTokens,
    affine: name === "batch" ? affineInBatch(plan) : affineInContext(plan, workload),
    stride: chunk,
    offset: chunk === 1 ? 0 : queryTokens - 1,
    at: (value) => ({ ...workload, [name]: value }),
  };
}

/**
 * Where an operation passes from one ceiling to another along an axis on which its counts are lines.
 * @example a projection of k × n weights: the batch at which FLOPs / peak = bytes / bandwidth
 */
export function rooflineKinks(predictor: StepPredictor, axis: StepAxis): number[] {
  const rates = ceilingRates(predictor.plan, predictor.hardware);
  const span = 2 ** 20;
  const near = operationCeilings(predictor, axis.at(axis.from), rates);
  const far = operationCeilings(predictor, axis.at(axis.from + span), rates);
  const kinks: number[] = [];
  near.forEach((at, i) => {
    for (const [one, other] of pairs) {
      const gapNear = at[one] - at[other];
      const gapFar = far[i]![one] - far[i]![other];
      if (gapNear !== gapFar) kinks.push(axis.from + span * (gapNear / (gapNear - gapFar)));
    }
  });
  return kinks;
}

const pairs: readonly (readonly [keyof OperationCeilings, keyof OperationCeilings])[] = [
  ["memorySeconds", "computeSeconds"],
  ["memorySeconds", "linkSeconds"],
  ["computeSeconds", "linkSeconds"],
];

function affineInBatch(plan: StepPlan): boolean {
  return dataParallelGroups(plan.options.parallelism) === 1 && !formulasOf(plan).some((text) => text.includes("^"));
}

function affineInContext(plan: StepPlan, workload: StepWorkload): boolean {
  if (plan.options.phase === "prefill") {
    const encoding = plan.model.encoder !== null && workload.sourceContext === undefined;
    if (workload.queryTokens === undefined || encoding) return false;
  }
  return !formulasOf(plan).some((text) => /min|max|floor/.test(text));
}

/** All formulas, less the factor that says whether there are beams, which is the same along either axis. */
function formulasOf(plan: StepPlan): string[] {
  return plan.operations
    .flatMap((operation) => Object.values(operation.definition.formulas(operation.shape)))
    .map((text) => text.replace("min(B / G - 1, 1)", "1"));
}

function longestChunk(plan: StepPlan): number {
  let longest = 1;
  for (const { attention } of plan.model.decoder.kinds) {
    if (attention.kind === "softmax" && attention.chunk !== null) longest = Math.max(longest, attention.chunk);
  }
  return longest;
}
