/** What the library says of a setting: the prediction, or why there is none. The formulas are all its own. */
import {
  applyAttention,
  chooseTiming,
  defaultStepOptions,
  type Hardware,
  InvalidInput,
  type Model,
  type PredictorOptions,
  parseNumberFormat,
  predictStep,
  type StepOptions,
  type StepPrediction,
  type StepPredictor,
  stepPredictor,
  type TimingChoice,
} from "ridgepoint";
import { perMillionTokens } from "ridgepoint/planning";
import { builtinCalibrations, builtinHardwareOf, builtinModelOf } from "ridgepoint/profiles";
import { configModel } from "./pasted-config.ts";
import type { Setting } from "./setting.ts";

/** What follows from all but batch and context, and is made once while these are dragged. */
export interface PreparedSetting {
  /** Before the attention variant is applied. */
  readonly base: Model;
  readonly model: Model;
  readonly hardware: Hardware;
  readonly options: PredictorOptions & { readonly step: StepOptions };
  readonly predictor: StepPredictor;
  /** What was assumed in reading a config.json. */
  readonly configNotes: readonly string[];
}

export interface PredictedSetting extends PreparedSetting {
  readonly setting: Setting;
  readonly prediction: StepPrediction;
  /** US dollars a device and hour, and whether the profile says so; null where nobody does. */
  readonly pricePerHour: number | null;
  /** US dollars for a million output tokens; null where it does not fit or there is no price. */
  readonly costPerMillionTokens: number | null;
}

export type SettingAnswer =
  | { readonly ok: true; readonly answer: PredictedSetting }
  | { readonly ok: false; readonly setting: Setting; readonly problem: string };

/** Predicts settings and keeps what was prepared for the last few. */
export function settingPredictor(): (setting: Setting) => SettingAnswer {
  const kept = new Map<string, PreparedSetting>();
  return (setting) => {
    try {
      const key = JSON.stringify({ ...setting, batch: 0, context: 0, pricePerHour: 0 });
      const prepared = kept.get(key) ?? prepare(setting);
      // The newest last, so that the first is the oldest.
      kept.delete(key);
      kept.set(key, prepared);
      if (kept.size > mostKept) kept.delete(kept.keys().next().value as string);
      return { ok: true, answer: predicted(setting, prepared) };
    } catch (error) {
      if (!(error instanceof InvalidInput)) throw error;
      return { ok: false, setting, problem: error.message };
    }
  };
}

const mostKept = 8;

function prepare(setting: Setting): PreparedSetting {
  const { base, notes } = baseModel(setting);
  const model = applyAttention(base, setting.attention);
  const hardware = builtinHardwareOf(setting.hardware);
  const choice = timingChoice(setting);
  const options = { step: stepOptions(setting), timing: (machine: Hardware) => chooseTiming(machine, choice) };
  return { base, model, hardware, options, predictor: stepPredictor(model, hardware, options), configNotes: notes };
}

function predicted(setting: Setting, prepared: PreparedSetting): PredictedSetting {
  const { batch, context } = setting;
  const prediction = predictStep(prepared.predictor, { batch, context });
  const pricePerHour = setting.pricePerHour ?? prepared.hardware.pricePerHourUsd;
  const { tokensPerSecond, parallelism } = prediction;
  const costPerMillionTokens =
    pricePerHour === null || tokensPerSecond === null
      ? null
      : perMillionTokens(pricePerHour * parallelism.devices, tokensPerSecond);
  return { ...prepared, setting, prediction, pricePerHour, costPerMillionTokens };
}

function baseModel({ model, config, weights }: Setting): { base: Model; notes: readonly string[] } {
  if (config === null) return { base: builtinModelOf(model), notes: [] };
  const { model: base, notes } = configModel(config, weights !== null);
  return { base, notes };
}

function stepOptions({ weights, kvCache, activations, tensorParallel }: Setting): StepOptions {
  return {
    ...defaultStepOptions,
    weights: weights === null ? null : parseNumberFormat(weights, "weights"),
    kvCache: parseNumberFormat(kvCache, "kvCache"),
    activations: parseNumberFormat(activations, "activations"),
    parallelism: { ...defaultStepOptions.parallelism, tensor: tensorParallel },
  };
}

/** As the command line chooses (src/cli/timing-options.ts): an engine that is asked for is asked for on any machine. */
function timingChoice({ timing, engine }: Setting): TimingChoice {
  const asked = engine === "auto" ? null : engine;
  if (timing === "roofline") {
    if (asked !== null && asked !== "ideal") {
      throw new InvalidInput("engine", asked, "goes with calibrated timing: the roofline knows no software");
    }
    return { timing, engine: null, calibrations: [] };
  }
  const always = timing === "calibrated" || (asked !== null && asked !== "ideal");
  return { timing: always ? "calibrated" : null, engine: asked, calibrations: builtinCalibrations };
}
