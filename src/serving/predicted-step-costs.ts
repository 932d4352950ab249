/**
 * Step costs (step-costs.ts) of a model on a machine by the project's own counting and any of its timing models. A mixed step is
 * not a plan of its own; it is put together from the two there are:
 *   mixed(B, q prompts of p) = prefill of q + B / p prompts, its linear layers over all tokens at once, + what decoding reads of the cache
 * Steps of a batch that is not whole lie on the line between the two whole ones. What devices send each other has 16 bits at
 * least, whatever the matrices multiply in, so the link's share is that of a plan with such activations.
 */
import { evaluateStep, type PredictorOptions, type StepPredictor, stepPredictor } from "../analysis/predict-step.ts";
import type { Model } from "../architecture/model.ts";
import { deviceCount } from "../architecture/shard.ts";
import type { Hardware } from "../hardware/hardware.ts";
import { parseNumberFormat } from "../quantity/number-format.ts";
import { countStep } from "../step/count-step.ts";
import { footprintOf } from "../step/footprint.ts";
import type { StepCost, StepCosts } from "./step-costs.ts";

/** Mean lengths are rounded to what kernels take at once: a mean says nothing of the rows that a step has beyond whole tiles. */
const rowsOfPrompt = 16;
const mostBatch = 2 ** 24;
const mostKnown = 10_000;

interface CacheCost extends StepCost {
  /** Of memorySeconds and startSeconds: reading the cache. */
  readonly cacheSeconds: number;
}

export interface PredictedStepCosts extends StepCosts {
  /** Weights that the fullest device holds, those of them that a step of one sequence reads, and what a row of a request's cache takes. */
  readonly weightBytes: number;
  readonly readBytes: number;
  readonly rowBytes: number;
}

/** @throws InvalidInput where the options don't go with the model or the machine */
export function predictedStepCosts(model: Model, hardware: Hardware, options: PredictorOptions): PredictedStepCosts {
  const decode = phasePredictors(model, hardware, options, "decode");
  const prefill = phasePredictors(model, hardware, options, "prefill");
  const [one, two] = [1, 2].map((context) =>
    footprintOf(decode.whole.footprintPlan, { batch: 1, context: context * 1024 }),
  ) as [ReturnType<typeof footprintOf>, ReturnType<typeof footprintOf>];
  const layers = decode.whole.plan.deviceModel.decoder.order.length;
  const decodeAt = (sequences: number, context: number): CacheCost => costBetween(decode, sequences, context);
  return {
    layers,
    weightBytes: one.weightBytes,
    readBytes: countStep(decode.whole.plan, { batch: 1, context: 1 }).totals.weightBytes,
    rowBytes: (two.cacheBytes - one.cacheBytes) / 1024,
    decode: decodeAt,
    mixed(sequences, context, prompts, promptTokens) {
      const rows = rowsOfPrompt * Math.max(1, Math.round(promptTokens / rowsOfPrompt));
      const all = costBetween(prefill, (prompts * promptTokens + sequences) / rows, rows);
      const { cacheSeconds } = sequences > 0 ? decodeAt(sequences, context) : { cacheSeconds: 0 };
      return { ...all, memorySeconds: all.memorySeconds + cacheSeconds };
    },
  };
}

interface PhasePredictors {
  readonly known: Map<number, CacheCost>;
  readonly whole: StepPredictor;
  /** For what goes over links; the same where activations have 16 bits or one device works alone. */
  readonly link: StepPredictor;
}

function phasePredictors(
  model: Model,
  hardware: Hardware,
  options: PredictorOptions,
  phase: "decode" | "prefill",
): PhasePredictors {
  const whole = stepPredictor(model, hardware, { ...options, step: { ...options.step, phase } });
  const { activations, parallelism } = whole.plan.options;
  if (activations.bits >= 16 || deviceCount(parallelism) === 1) return { known: new Map(), whole, link: whole };
  const step = { ...options.step, phase, activations: parseNumberFormat("bf16") };
  return { known: new Map(), whole, link: stepPredictor(model, hardware, { ...options, step }) };
}

function costBetween(predictors: PhasePredictors, batch: number, context: number): CacheCost {
  const below = Math.max(1, Math.floor(batch));
  const rows = Math.max(1, Math.round(context));
  const low = costOf(predictors, below, rows);
  const share = batch - below;
  if (share === 0) return low;
  const high = costOf(predictors, below + 1, rows);
  const between = (a: number, b: number): number => a + share * (b - a);
  return {
    memorySeconds: between(low.memorySeconds, high.memorySeconds),
    computeSeconds: between(low.computeSeconds, high.computeSeconds),
    linkSeconds: between(low.linkSeconds, high.linkSeconds),
    startSeconds: between(low.startSeconds, high.startSeconds),
    cacheSeconds: between(low.cacheSeconds, high.cacheSeconds),
  };
}

/** Costs of whole batches are kept: a steady state asks for the same few again and again. */
function costOf({ known, whole, link }: PhasePredictors, batch: number, context: number): CacheCost {
  const key = context * mostBatch + batch;
  const before = known.get(key);
  if (before !== undefined) return before;
  const workload = { batch, context };
  const { weights, cache, activations, compute, overhead, link: own } = evaluateStep(whole, workload).secondsByBound;
  const cost = {
    memorySeconds: weights + cache + activations,
    computeSeconds: compute,
    linkSeconds: link === whole ? own : evaluateStep(link, workload).secondsByBound.link,
    startSeconds: overhead,
    cacheSeconds: cache,
  };
  if (known.size >= mostKnown) known.clear();
  known.set(key, cost);
  return cost;
}
