/** One replica of a model in one layout on one kind of device, ready to be asked what it can serve. */
import type { Model } from "../architecture/model.ts";
import { InvalidInput } from "../quantity/invalid-input.ts";
import type { NumberFormat } from "../quantity/number-format.ts";
import type { ChosenEngine } from "../serving/engine-choice.ts";
import { type OpenReplica, type OpenWorkload, openReplica } from "../serving/open-loop.ts";
import { type PredictedEngineSteps, predictedEngineSteps } from "../serving/predicted-engine-steps.ts";
import { type ReplicaMemory, replicaMemory } from "../serving/replica-memory.ts";
import type { ReplicaModel } from "../serving/replica-model.ts";
import { servingFormats } from "../serving/serving-formats.ts";
import type { Speculation } from "../serving/speculation.ts";
import { footprintOf } from "../step/footprint.ts";
import { keptFootprint, keptPlan } from "../step/kept-plans.ts";
import { defaultStepOptions, type StepOptions } from "../step/step-options.ts";
import type { Layout } from "./layout.ts";

export interface ServedFormats {
  /** Null: the one that the model is published in, and the engine's own choice. */
  readonly weights: NumberFormat | null;
  readonly kvCache: NumberFormat | null;
}

/** What a replica is to be made for, whatever its layout. */
export interface ReplicaQuestion {
  readonly model: Model;
  readonly workload: OpenWorkload;
  readonly cachedPromptShare: number;
  readonly speculation: Speculation | null;
  /** Requests at once and prompt tokens a step; the engine's unless given. */
  readonly maxSequences: number | null;
  readonly stepTokens: number | null;
  readonly memoryShare: number | null;
}

export interface PlannedReplica {
  readonly layout: Layout;
  readonly formats: Pick<StepOptions, "weights" | "kvCache" | "activations">;
  readonly engine: ChosenEngine;
  readonly steps: PredictedEngineSteps;
  readonly memory: ReplicaMemory;
  readonly replica: ReplicaModel;
  readonly open: OpenReplica;
  readonly speculation: Speculation | null;
}

/**
 * The replica, or in words why there is none.
 * @param engine chosen for the layout's own machine, whose link is that of its groups
 */
export function plannedReplica(
  question: ReplicaQuestion,
  engine: ChosenEngine,
  layout: Layout,
  asked: ServedFormats,
): PlannedReplica | string {
  const { model, workload, speculation } = question;
  const { hardware, parallelism } = layout;
  const formats = servingFormats(model, asked, engine.cacheFormat, hardware);
  const steps = refusedOr(() =>
    predictedEngineSteps({
      ...{ model, hardware, timing: engine.timing, constants: engine.constants, speculation },
      layerRatio: engine.layerRatio(model),
      handOverSecondsPerByte: layout.handOverSecondsPerByte,
      step: { ...formats, parallelism },
    }),
  );
  if (typeof steps === "string") return steps;
  const policy = question.stepTokens === null ? engine.policy : { ...engine.policy, stepTokens: question.stepTokens };
  const maxSequences = question.maxSequences ?? engine.memory.maxSequences * steps.groups;
  const longest = workload.input.mean + workload.output.mean;
  const memory = replicaMemory({
    ...{ hardware, engine: engine.memory, stepTokens: policy.stepTokens, maxSequences },
    ...{ decode: steps.decode.predictor, prefill: steps.prefill.predictor },
    draftBytes: draftBytes(speculation, layout, formats),
    memoryShare: question.memoryShare,
    typicalRows: longest,
  });
  const replica: ReplicaModel = {
    ...{ steps, policy, maxSequences, cachedPromptShare: question.cachedPromptShare },
    cacheCapacityBytes: memory.cacheCapacityBytes,
    requestBytes: memory.requestBytes,
    requestSeconds: engine.constants.requestSeconds,
  };
  return { layout, formats, engine, steps, memory, replica, open: openReplica(replica, workload), speculation };
}

/** Bytes of the draft's weights on each device. */
function draftBytes(
  speculation: Speculation | null,
  { parallelism }: Layout,
  formats: Pick<StepOptions, "weights" | "kvCache" | "activations">,
): number {
  if (speculation === null || speculation.draft === null) return 0;
  const options = { ...defaultStepOptions, ...formats, parallelism: { ...parallelism, pipeline: 1 } };
  const footprint = keptFootprint(keptPlan(speculation.draft, options));
  return footprintOf(footprint, { batch: 1, context: 1 }).weightBytes;
}

function refusedOr<Made>(make: () => Made): Made | string {
  try {
    return make();
  } catch (error) {
    if (error instanceof InvalidInput) return error.message;
    throw error;
  }
}
