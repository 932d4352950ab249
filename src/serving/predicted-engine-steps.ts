/**
 * The steps of one replica by the project's own counting and any of its timing models, quick enough for a simulation:
 *   decode   D(b, S) of b sequences a device of its own, on the line between contexts 2^(1/4) apart
 *   mixed    L(b + c) + q A(c / q, m) + C(b, S)
 *            L  the kernels of b + c tokens but attention          A  attention of one prompt's tokens that see m rows on average
 *            C  attention of the sequences that decode             q  prompts in the step, as many as make m possible: c / q ≤ 2 m
 *   stages   work on different requests at once: B = stages × b sequences get a token in D(b); a prompt takes its share of each stage
 * Groups of devices that each hold other requests (attention of experts spread wider than the tensor group) share the sequences
 * evenly; each prompt is computed by one of them, and a step lasts as long as the busiest.
 * With drafts a step verifies several tokens a sequence (speculation.ts).
 */
import type { Model } from "../architecture/model.ts";
import { dataParallelGroups } from "../architecture/shard.ts";
import type { Hardware } from "../hardware/hardware.ts";
import type { StepOptions } from "../step/step-options.ts";
import type { TimingModel } from "../timing/timing-model.ts";
import { DecodeTables, PromptTables } from "./engine-step-tables.ts";
import type { EngineSteps } from "./engine-steps.ts";
import { type PhaseCost, type PhaseCosts, phaseCosts } from "./phase-costs.ts";
import type { ServingConstants } from "./serving-constants.ts";
import { acceptedTokens, type Speculation } from "./speculation.ts";

export interface EngineStepsRequest {
  readonly model: Model;
  readonly hardware: Hardware;
  readonly step: Partial<StepOptions>;
  readonly timing: TimingModel;
  readonly constants: ServingConstants;
  readonly speculation?: Speculation | null;
  /** Kernels that a layer starts, beside one of the model that the constants were fitted on (layer-starts.ts); 1 unless given. */
  readonly layerRatio?: number;
  /** Of a byte handed from stage to stage, what links between nodes take beyond the link that steps are timed by; 0 unless given. */
  readonly handOverSecondsPerByte?: number;
}

/** What a step's seconds are spent on; host is what the engine adds. */
export interface StepParts {
  readonly memory: number;
  readonly compute: number;
  readonly link: number;
  readonly host: number;
}

export interface PredictedEngineSteps extends EngineSteps {
  /** Parts of a step that only decodes. */
  decodeParts(sequences: number, context: number): StepParts;
  /** Parts of a prompt's kernels. */
  promptParts(tokens: number): StepParts;
  readonly groups: number;
  /** Of the decoding steps, for footprints. */
  readonly decode: PhaseCosts;
  readonly prefill: PhaseCosts;
}

/** Stages hand each other 16 bits an element. */
const bytesHandedOver = 2;

/** @throws InvalidInput where the options don't go with the model or the machine */
export function predictedEngineSteps(request: EngineStepsRequest): PredictedEngineSteps {
  const {
    model,
    hardware,
    step,
    timing,
    constants,
    speculation = null,
    layerRatio = 1,
    handOverSecondsPerByte = 0,
  } = request;
  const options = { step, timing };
  const decode = phaseCosts(model, hardware, options, "decode");
  const prefill = phaseCosts(model, hardware, options, "prefill");
  const { plan } = decode.predictor;
  const stages = plan.options.parallelism.pipeline;
  const groups = dataParallelGroups(plan.options.parallelism);
  const layers = layerRatio * plan.deviceModel.decoder.order.length;
  const draft = speculation === null ? null : draftCosts(model, speculation, request);
  const verified = speculation === null ? 1 : speculation.tokens + 1;
  const tables = new DecodeTables({ costs: decode, groups, verified, constants, speculation, draft });
  const prompts = new PromptTables(prefill, groups, constants);
  const host = (sequences: number): number =>
    layers * constants.layerSeconds + constants.stepSeconds + sequences * constants.sequenceSeconds;
  const handOver = (tokens: number): number => tokens * model.dModel * bytesHandedOver * handOverSecondsPerByte;
  return {
    tokensPerStep: speculation === null ? 1 : acceptedTokens(speculation),
    ...{ stages, groups, decode, prefill },
    stepSeconds(sequences, context, promptTokens, promptContext) {
      const b = sequences / (stages * groups);
      const decoding = sequences > 0 ? tables.seconds(b, context) + handOver(b * verified) : 0;
      if (!(promptTokens > 0)) return decoding + host(sequences);
      // A prompt is one group's: with fewer of them than groups the others wait for it.
      const c = Math.max(promptTokens / groups, Math.min(promptTokens, 2 * promptContext - 1));
      const mixed =
        prompts.layersSeconds(b * verified + c) +
        handOver(b * verified + c) +
        prompts.attentionSeconds(c, promptContext) +
        (sequences > 0 ? tables.attentionSeconds(b, context) : 0);
      return decoding + Math.max(0, mixed - decoding) / stages + host(sequences);
    },
    decodeParts(sequences, context) {
      const b = Math.max(1, Math.round(sequences / (stages * groups)));
      const rows = Math.max(verified, Math.round(context));
      const cost = decode.cost({ batch: b * groups, context: rows, queryTokens: verified });
      return partsOf(cost, constants, host(sequences));
    },
    promptParts(tokens) {
      const own = Math.max(1, Math.round(tokens / groups));
      return partsOf(prefill.cost({ batch: groups, context: own }), constants, 0);
    },
  };
}

function partsOf(cost: PhaseCost, c: ServingConstants, host: number): StepParts {
  return {
    memory: cost.memorySeconds / c.memoryEfficiency,
    compute: cost.computeSeconds / c.computeEfficiency,
    link: cost.linkSeconds / c.linkEfficiency,
    host: host + cost.startSeconds,
  };
}

/** Costs of the draft's steps: of its own model, on the same devices where it can be split over them, or of one layer. */
function draftCosts(model: Model, { draft }: Speculation, { hardware, step, timing }: EngineStepsRequest): PhaseCosts {
  const { decoder } = model;
  const head = { ...model, decoder: { ...decoder, order: decoder.order.slice(-1) } };
  const parallelism = { ...(step.parallelism ?? { tensor: 1, expert: 1 }), pipeline: 1 };
  return phaseCosts(draft ?? head, hardware, { step: { ...step, parallelism }, timing }, "decode");
}
