/**
 * The serving engine that a fleet runs on a machine: its kernels' timing, what it adds, how it schedules, what it keeps of memory.
 *   NVIDIA              vLLM, TensorRT-LLM or SGLang by their serving profiles on measured kernels; llama.cpp by runs of it, and so
 *                       TensorRT-LLM before 1.0, which was measured with a fixed batch
 *   AMD, Apple          vLLM on ROCm, llama.cpp on Metal by constants fitted on whole runs, which hold what a step adds
 *   others              the asked engine's kernels carried over by the machine's datasheet: times as if it ran there
 * With the roofline, an engine that adds nothing.
 */
import type { Model } from "../architecture/model.ts";
import type { Hardware } from "../hardware/hardware.ts";
import { InvalidInput } from "../quantity/invalid-input.ts";
import { chooseTiming, kernelTiming, type TimingChoice } from "../timing/choose-timing.ts";
import { engineFitOf, withFittedRuns } from "../timing/engine-fits.ts";
import { engineTiming } from "../timing/engine-timing.ts";
import { executionProfiles } from "../timing/engines.ts";
import type { EngineId } from "../timing/execution-profile.ts";
import type { ErrorBand } from "../timing/fitted-engine.ts";
import type { TimingModel } from "../timing/timing-model.ts";
import { type EngineMemory, engineMemories, fixedBatchMemory } from "./engine-memory.ts";
import { layerStartRatio } from "./layer-starts.ts";
import { llamaPolicy } from "./llama-policy.ts";
import type { SchedulingPolicy, ServingConstants } from "./serving-constants.ts";
import { servingModel, widenedBand } from "./serving-model.ts";
import { type ServingProfile, servingProfiles } from "./serving-profiles.ts";

export interface ChosenEngine {
  readonly id: EngineId;
  readonly name: string;
  readonly timing: TimingModel;
  readonly policy: SchedulingPolicy;
  readonly constants: ServingConstants;
  readonly memory: EngineMemory;
  readonly cacheFormat: ServingProfile["cacheFormat"];
  /** ln(measured / predicted) at 5 % and 95 %; null where nothing says. */
  readonly bands: { readonly outputToken: ErrorBand; readonly firstToken: ErrorBand } | null;
  /** Kernels that a layer of a model starts, beside one of the model that the constants were fitted on. */
  readonly layerRatio: (model: Model) => number;
  readonly notes: readonly string[];
}

/** What an engine adds to kernels whose times hold it already, or that are ideal. */
const addsNothing: ServingConstants = {
  ...{ memoryEfficiency: 1, computeEfficiency: 1, linkEfficiency: 1 },
  ...{ layerSeconds: 0, stepSeconds: 0, sequenceSeconds: 0 },
  ...{ waitPrompts: 1, requestSeconds: 0, memoryShare: 1 },
};

const idealPolicy: SchedulingPolicy = { prefill: "mixed", stepTokens: 8192, reservedShare: 0.5, admittedShare: 0 };

/** TensorRT-LLM before 1.0: no scheduler in Python, and constants of its own. */
const fixedBatchVersion = /^v?0\./;

/**
 * @param stated the machine as its datasheet states it; `hardware` may have measured ceilings
 * @param version of the engine, where it is known; else the one that its constants were fitted on
 * @throws InvalidInput for software that serves nobody (pytorch-graph …), and where no fit is known
 */
export function chooseEngine(
  hardware: Hardware,
  stated: Hardware,
  choice: TimingChoice,
  version: string | null = null,
): ChosenEngine {
  const { calibrations } = choice;
  if (choice.timing === "roofline") return idealEngine(chooseTiming(hardware, choice));
  const id = choice.engine ?? (hardware.vendor === "Apple" ? "llama.cpp" : "vllm");
  if (id === "ideal") return idealEngine(chooseTiming(hardware, { ...choice, engine: id, timing: "calibrated" }));
  if (id === "pytorch-graph" || id === "pytorch-eager") {
    throw new InvalidInput("engine", id, "wants software that serves: vllm, trt-llm, sglang, llama.cpp or ideal");
  }
  const said = choice.notes ?? [];
  const isFixedBatch = id === "trt-llm" && fixedBatchVersion.test(version ?? "");
  const byRuns = stated.vendor !== "NVIDIA" || id === "llama.cpp" || isFixedBatch;
  const fit = byRuns ? engineFitOf(id, hardware) : null;
  if (fit !== null) {
    const fitted = withFittedRuns(fit, calibrations);
    const serving = servingProfileOf(id);
    const timing = engineTiming(hardware, fitted, calibrations, version);
    return {
      ...{ id, name: fitted.name, timing, memory: isFixedBatch ? fixedBatchMemory : engineMemories[id] },
      policy: serving?.policy ?? llamaPolicy,
      constants: { ...addsNothing, requestSeconds: isFixedBatch ? 0 : (serving?.constants.requestSeconds ?? 0) },
      cacheFormat: serving?.cacheFormat ?? "16 bits",
      layerRatio: startsInKernels,
      bands: { outputToken: fitted.band, firstToken: fitted.prefillBand ?? unfittedPrefill },
      notes: [...said, ...timing.notes],
    };
  }
  const serving = servingProfileOf(id);
  if (serving === null) {
    throw new InvalidInput("engine", id, `no run of ${executionProfiles[id].name} was measured on machines like it`);
  }
  const model = servingModel(serving, hardware, stated, calibrations);
  const timing = kernelTiming(hardware, calibrations, id);
  const bands = {
    outputToken: widenedBand(model.bands.outputToken, model.widening),
    firstToken: widenedBand(model.bands.firstToken, model.widening),
  };
  const elsewhere = stated.vendor === "NVIDIA" ? [] : [`${serving.id} as if it ran on ${stated.vendor}'s machines`];
  return {
    ...{ id, name: executionProfiles[id].name, timing, memory: engineMemories[id], bands },
    ...{ policy: serving.policy, constants: model.constants, cacheFormat: serving.cacheFormat },
    layerRatio: onceAModel((of) => layerStartRatio(of, hardware, calibrations, id)),
    notes: [...said, ...timing.notes, ...elsewhere],
  };
}

/** First tokens of engines whose prefills were not fitted may be off by half of it or twice as much. */
const unfittedPrefill: ErrorBand = { low: -0.7, high: 0.7 };

function servingProfileOf(id: EngineId): ServingProfile | null {
  return Object.values(servingProfiles).find((each) => each.id === id) ?? null;
}

/** A search asks for the same model in every layout. */
function onceAModel(ratioOf: (model: Model) => number): (model: Model) => number {
  const known = new WeakMap<Model, number>();
  return (model) => {
    const ratio = known.get(model) ?? ratioOf(model);
    known.set(model, ratio);
    return ratio;
  };
}

/** Where kernels' own times hold their start-ups, or there are none. */
const startsInKernels = (): number => 1;

function idealEngine(timing: TimingModel): ChosenEngine {
  return {
    ...{ id: "ideal", name: executionProfiles.ideal.name, timing, policy: idealPolicy, constants: addsNothing },
    ...{ memory: engineMemories.ideal, cacheFormat: "16 bits", bands: null, notes: timing.notes },
    layerRatio: startsInKernels,
  };
}
