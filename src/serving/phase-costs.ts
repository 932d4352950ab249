/**
 * What the steps of one phase cost by the project's own counting and any of its timing models, before an engine adds its own. What
 * devices send each other has 16 bits at least, whatever the matrices multiply in, so the link's share is that of a plan with such
 * activations; but for a timing whose constants were fitted with the activations' own format.
 */
import { evaluateStep, type PredictorOptions, type StepPredictor, stepPredictor } from "../analysis/predict-step.ts";
import type { Model } from "../architecture/model.ts";
import { deviceCount } from "../architecture/shard.ts";
import type { Hardware } from "../hardware/hardware.ts";
import { parseNumberFormat } from "../quantity/number-format.ts";
import type { StepWorkload } from "../step/step-options.ts";
import type { StepCost } from "./step-costs.ts";

export interface PhaseCost extends StepCost {
  /** Of memorySeconds: waiting for keys and values. */
  readonly cacheSeconds: number;
  /** Of all of them: the kernels that read the cache. */
  readonly attentionSeconds: number;
}

export interface PhaseCosts {
  readonly predictor: StepPredictor;
  cost(workload: StepWorkload): PhaseCost;
}

/** @throws InvalidInput where the options don't go with the model or the machine */
export function phaseCosts(
  model: Model,
  hardware: Hardware,
  options: PredictorOptions,
  phase: "decode" | "prefill",
): PhaseCosts {
  const predictor = stepPredictor(model, hardware, { ...options, step: { ...options.step, phase } });
  const link = linkPredictor(predictor, model, hardware, options, phase);
  const attention = predictor.plan.operations.flatMap(({ definition }, i) =>
    attentionKinds.has(definition.kind) ? [i] : [],
  );
  return {
    predictor,
    cost(workload) {
      const { secondsByBound, operationSeconds } = evaluateStep(predictor, workload);
      let attentionSeconds = 0;
      for (const i of attention) attentionSeconds += operationSeconds[i]!;
      const { weights, cache, activations, compute, overhead, link: own } = secondsByBound;
      return {
        memorySeconds: weights + cache + activations,
        computeSeconds: compute,
        linkSeconds: link === null ? own : evaluateStep(link, workload).secondsByBound.link,
        startSeconds: overhead,
        cacheSeconds: cache,
        attentionSeconds,
      };
    },
  };
}

const attentionKinds: ReadonlySet<string> = new Set([
  "attention-core",
  "latent-attention-core",
  "linear-attention-core",
  "sparse-indexer",
]);

/** For what goes over links; null where the plan itself says it: activations have 16 bits, one device works alone, or the timing counts so. */
function linkPredictor(
  { plan }: StepPredictor,
  model: Model,
  hardware: Hardware,
  options: PredictorOptions,
  phase: "decode" | "prefill",
): StepPredictor | null {
  const { activations, parallelism } = plan.options;
  const { timing } = options;
  const asCounted = typeof timing === "object" && timing.countsLinkAsActivations === true;
  if (asCounted || activations.bits >= 16 || deviceCount(parallelism) === 1) return null;
  const step = { ...options.step, phase, activations: parseNumberFormat("bf16") };
  return stepPredictor(model, hardware, { ...options, step });
}
