/**
 * Counts a planned step at one batch and context: FLOPs and bytes of each operation, all its instances together, and their sums.
 * A tape holds the numbers and may be used again for the next evaluation, so that a sweep allocates nothing.
 */

import { dataParallelGroups } from "../architecture/shard.ts";
import { type Counts, emptyCounts, type StepPoint } from "../operations/operation.ts";
import { InvalidInput } from "../quantity/invalid-input.ts";
import type { StepWorkload } from "./step-options.ts";
import type { StepPlan } from "./step-plan.ts";

export interface StepTape {
  readonly plan: StepPlan;
  /** The workload counted last, as its new tokens and as the encoder's tokens. */
  readonly point: Mutable<StepPoint>;
  readonly encoderPoint: Mutable<StepPoint>;
  /** One entry an operation of the plan, in its order. */
  readonly counts: readonly Counts[];
  readonly totals: Counts;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** An empty tape for a plan. */
export function stepTape(plan: StepPlan): StepTape {
  const point = (): Mutable<StepPoint> => ({
    sequences: 0,
    requests: 0,
    queryTokens: 0,
    context: 0,
    sourceContext: 0,
    tokens: 0,
    logitsTokens: 0,
  });
  return {
    plan,
    point: point(),
    encoderPoint: point(),
    counts: plan.operations.map(emptyCounts),
    totals: emptyCounts(),
  };
}

/**
 * Counts one step of one device; batch and context as the contract defines them.
 * @throws InvalidInput for a batch, context, query tokens or beams that is not a positive whole number, or more new tokens
 * than context
 * @example Llama-2-7B, bf16, batch 1, context 512: totals.kvBytes = 513 × 524_288
 */
export function countStep(plan: StepPlan, workload: StepWorkload, into: StepTape = stepTape(plan)): StepTape {
  setPoint(plan, workload, into);
  const { counts, totals, point, encoderPoint } = into;
  const operations = plan.operations;
  let flops = 0;
  let matmulFlops = 0;
  let weightBytes = 0;
  let kvBytes = 0;
  let activationBytes = 0;
  let linkBytes = 0;
  for (let i = 0; i < operations.length; i++) {
    const operation = operations[i]!;
    const c = counts[i]!;
    operation.definition.count(operation.shape, operation.encoder ? encoderPoint : point, c);
    const n = operation.instances;
    flops += c.flops *= n;
    matmulFlops += c.matmulFlops *= n;
    weightBytes += c.weightBytes *= n;
    kvBytes += c.kvBytes *= n;
    activationBytes += c.activationBytes *= n;
    linkBytes += c.linkBytes *= n;
  }
  totals.flops = flops;
  totals.matmulFlops = matmulFlops;
  totals.weightBytes = weightBytes;
  totals.kvBytes = kvBytes;
  totals.activationBytes = activationBytes;
  totals.linkBytes = linkBytes;
  return into;
}

function setPoint(plan: StepPlan, workload: StepWorkload, into: StepTape): void {
  const prefill = plan.options.phase === "prefill";
  const batch = wholeNumber("batch", workload.batch);
  const context = wholeNumber("context", workload.context);
  const queryTokens = wholeNumber("queryTokens", workload.queryTokens ?? (prefill ? context : 1));
  const beams = prefill ? 1 : wholeNumber("beams", workload.beams ?? 1);
  if (queryTokens > context) {
    throw new InvalidInput(
      "queryTokens",
      queryTokens,
      `at most the context ${context}, which the new tokens are part of`,
    );
  }
  const encoder = plan.model.encoder !== null;
  if (encoder && prefill) refusePartOfSource(context, workload);
  const source = encoder ? wholeNumber("sourceContext", workload.sourceContext ?? context) : 0;
  const requests = Math.ceil(batch / dataParallelGroups(plan.options.parallelism));
  const p = into.point;
  p.requests = requests;
  p.sequences = requests * beams;
  p.queryTokens = queryTokens;
  p.context = context;
  p.sourceContext = source;
  p.tokens = p.sequences * queryTokens;
  p.logitsTokens = prefill ? p.sequences : p.tokens;
  if (encoder && prefill) {
    const e = into.encoderPoint;
    e.requests = requests;
    e.sequences = requests;
    e.queryTokens = source;
    e.context = source;
    e.sourceContext = source;
    e.tokens = requests * source;
    e.logitsTokens = 0;
  }
}

/** An encoder sees its whole input at once: in a prefill the context is that input. */
function refusePartOfSource(context: number, workload: StepWorkload): void {
  for (const field of ["queryTokens", "sourceContext"] as const) {
    const value = workload[field];
    if (value !== undefined && value !== context) {
      throw new InvalidInput(
        field,
        value,
        `in an encoder's prefill the context ${context} is all of its input: leave it out`,
      );
    }
  }
}

function wholeNumber(field: string, value: number): number {
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new InvalidInput(field, value, "wants a positive whole number");
}
