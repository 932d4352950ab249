/**
 * Step costs (step-costs.ts) of a model on a machine by the project's own counting and any of its timing models. A mixed step is
 * not a plan of its own; it is put together from the two there are:
 *   mixed(B, q prompts of p) = prefill of q + B / p prompts, its linear layers over all tokens at once, + what decoding reads of the cache
 * Steps of a batch that is not whole lie on the line between the two whole ones.
 */
import type { PredictorOptions } from "../analysis/predict-step.ts";
import type { Model } from "../architecture/model.ts";
import type { Hardware } from "../hardware/hardware.ts";
import { countStep } from "../step/count-step.ts";
import { footprintOf } from "../step/footprint.ts";
import { type PhaseCost, type PhaseCosts, phaseCosts } from "./phase-costs.ts";
import type { StepCosts } from "./step-costs.ts";

/** Mean lengths are rounded to what kernels take at once: a mean says nothing of the rows that a step has beyond whole tiles. */
const rowsOfPrompt = 16;
const mostBatch = 2 ** 24;
const mostKnown = 10_000;

export interface PredictedStepCosts extends StepCosts {
  /** Weights that the fullest device holds, those of them that a step of one sequence reads, and what a row of a request's cache takes. */
  readonly weightBytes: number;
  readonly readBytes: number;
  readonly rowBytes: number;
}

/**
 * @param layerRatio kernels that a layer starts, beside one of the model that the engine's constants were fitted on (layer-starts.ts)
 * @throws InvalidInput where the options don't go with the model or the machine
 */
export function predictedStepCosts(
  model: Model,
  hardware: Hardware,
  options: PredictorOptions,
  layerRatio = 1,
): PredictedStepCosts {
  const decode = { known: new Map(), costs: phaseCosts(model, hardware, options, "decode") };
  const prefill = { known: new Map(), costs: phaseCosts(model, hardware, options, "prefill") };
  const { plan, footprintPlan } = decode.costs.predictor;
  const [one, two] = [1, 2].map((context) => footprintOf(footprintPlan, { batch: 1, context: context * 1024 })) as [
    ReturnType<typeof footprintOf>,
    ReturnType<typeof footprintOf>,
  ];
  const layers = layerRatio * plan.deviceModel.decoder.order.length;
  const decodeAt = (sequences: number, context: number): PhaseCost => costBetween(decode, sequences, context);
  return {
    layers,
    weightBytes: one.weightBytes,
    readBytes: countStep(plan, { batch: 1, context: 1 }).totals.weightBytes,
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

interface KeptCosts {
  readonly known: Map<number, PhaseCost>;
  readonly costs: PhaseCosts;
}

function costBetween(kept: KeptCosts, batch: number, context: number): PhaseCost {
  const below = Math.max(1, Math.floor(batch));
  const rows = Math.max(1, Math.round(context));
  const low = costOf(kept, below, rows);
  const share = batch - below;
  if (share === 0) return low;
  const high = costOf(kept, below + 1, rows);
  const between = (a: number, b: number): number => a + share * (b - a);
  return {
    memorySeconds: between(low.memorySeconds, high.memorySeconds),
    computeSeconds: between(low.computeSeconds, high.computeSeconds),
    linkSeconds: between(low.linkSeconds, high.linkSeconds),
    startSeconds: between(low.startSeconds, high.startSeconds),
    cacheSeconds: between(low.cacheSeconds, high.cacheSeconds),
    attentionSeconds: between(low.attentionSeconds, high.attentionSeconds),
  };
}

/** Costs of whole batches are kept: a steady state asks for the same few again and again. */
function costOf({ known, costs }: KeptCosts, batch: number, context: number): PhaseCost {
  const key = context * mostBatch + batch;
  const before = known.get(key);
  if (before !== undefined) return before;
  const cost = costs.cost({ batch, context });
  if (known.size >= mostKnown) known.clear();
  known.set(key, cost);
  return cost;
}
