/** One setting of the page: everything that a prediction follows from, as plain data that an address can hold. */
import type { EngineId } from "ridgepoint";

export interface Setting {
  /** Id of a built-in model; what is shown once a config is dropped. */
  readonly model: string;
  /** Text of a pasted config.json in the place of the model; null without. */
  readonly config: string | null;
  /** Id of a built-in machine. */
  readonly hardware: string;
  /** "as-is", "mha", "gqa:G", "mqa" or "mla". */
  readonly attention: string;
  readonly batch: number;
  readonly context: number;
  /** A number format; null for the published one, else bf16. */
  readonly weights: string | null;
  readonly kvCache: string;
  readonly activations: string;
  /** auto: calibrated where a fit of the machine exists, else the roofline. */
  readonly timing: "auto" | "roofline" | "calibrated";
  readonly engine: "auto" | EngineId;
  readonly tensorParallel: number;
  /** US dollars a device and hour in the place of the profile's; null for that. */
  readonly pricePerHour: number | null;
}

export interface PageState {
  /** One to four. */
  readonly settings: readonly Setting[];
  /** Index of the one that the form shows. */
  readonly selected: number;
}

export const mostSettings = 4;

export const timings = ["auto", "roofline", "calibrated"] as const;
export const activationFormats = ["bf16", "fp16", "fp32", "fp8", "int8", "nvfp4", "mxfp4"] as const;

export const defaultSetting: Setting = {
  model: "llama-3.1-8b",
  config: null,
  hardware: "h100-sxm",
  attention: "as-is",
  batch: 16,
  context: 8192,
  weights: null,
  kvCache: "bf16",
  activations: "bf16",
  timing: "auto",
  engine: "auto",
  tensorParallel: 1,
  pricePerHour: null,
};

export const defaultState: PageState = { settings: [defaultSetting], selected: 0 };

/** The setting that the form shows. */
export function selectedSetting({ settings, selected }: PageState): Setting {
  return settings[selected] ?? defaultSetting;
}
