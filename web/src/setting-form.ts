/** The form of one setting: typed fields, choices and the two sliders, kept in step with the state. */
import { describeAttention, engineIds } from "ridgepoint";
import { engineName } from "ridgepoint/drawing";
import { builtinHardware, builtinModels } from "ridgepoint/profiles";
import { byId, element, setText } from "./element.ts";
import { logSteps, nearestStep } from "./log-steps.ts";
import type { PredictedSetting } from "./predicted-setting.ts";
import { activationFormats, type Setting } from "./setting.ts";
import { type FieldName, fieldText } from "./setting-fields.ts";

export interface SettingForm {
  /** Shows a setting, with what is known of its model where it can be predicted. */
  show(setting: Setting, answer: PredictedSetting | null): void;
}

const steps = { batch: logSteps(1, 4096), context: logSteps(128, 1_048_576) } as const;
const sliderNames = ["batch", "context"] as const;
const typed: readonly FieldName[] = [
  "model",
  "hardware",
  "attention",
  "weights",
  "kvCache",
  "batch",
  "context",
  "pricePerHour",
];
const chosen: readonly FieldName[] = ["activations", "timing", "engine", "tensorParallel"];
const ids: Readonly<Record<FieldName, string>> = {
  model: "model",
  hardware: "hardware",
  attention: "attention",
  weights: "weights",
  kvCache: "kv-cache",
  batch: "batch",
  context: "context",
  pricePerHour: "price",
  activations: "activations",
  timing: "timing",
  engine: "engine",
  tensorParallel: "tensor-parallel",
};

/** @param onField told of a field's new text at each input of a slider, and when a typed field or a choice is left changed */
export function settingForm(onField: (name: FieldName, text: string) => void): SettingForm {
  fillChoices();
  const inputs = new Map(typed.map((name) => [name, byId(ids[name], HTMLInputElement)]));
  const selects = new Map(chosen.map((name) => [name, byId(ids[name], HTMLSelectElement)]));
  // What is being typed in is not overwritten by what is shown meanwhile.
  const edited = new Set<FieldName>();
  for (const [name, input] of [...inputs, ...selects]) {
    input.addEventListener("input", () => edited.add(name));
    input.addEventListener("change", () => {
      edited.delete(name);
      onField(name, input.value);
    });
  }
  // A list shows what goes with the text that stands there: whoever comes to a field types a new one.
  for (const input of inputs.values()) input.addEventListener("focus", () => input.select());
  const form = byId("setting", HTMLFormElement);
  // Enter takes the field as it is; there is nothing to send.
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target instanceof HTMLInputElement) {
      event.preventDefault();
      event.target.dispatchEvent(new Event("change"));
    }
  });
  const sliders = new Map(sliderNames.map((name) => [name, byId(`${name}-slider`, HTMLInputElement)]));
  for (const [name, slider] of sliders) {
    slider.max = String(steps[name].length - 1);
    slider.addEventListener("input", () => onField(name, String(steps[name][Number(slider.value)] ?? 1)));
  }
  return {
    show(setting, answer) {
      for (const [name, input] of [...inputs, ...selects]) {
        const text = fieldText(setting, name);
        if (input.value !== text && !edited.has(name)) input.value = text;
      }
      for (const [name, slider] of sliders) {
        const place = String(nearestStep(steps[name], setting[name]));
        if (slider.value !== place) slider.value = place;
        slider.setAttribute("aria-valuetext", `${setting[name].toLocaleString("en-US")} ${unitsOf[name]}`);
      }
      setText(
        byId("model-hint", HTMLElement),
        setting.config === null ? modelHint(setting.model) : "a pasted config.json",
      );
      byId("model", HTMLInputElement).disabled = setting.config !== null;
      const { name = "", pricePerHourUsd = null } = builtinHardware[setting.hardware] ?? {};
      setText(byId("hardware-hint", HTMLElement), name);
      setText(byId("attention-hint", HTMLElement), answer === null ? "" : describeAttention(answer.model));
      const price = pricePerHourUsd === null ? "no list price is known" : `list price ${pricePerHourUsd.toFixed(2)}`;
      setText(byId("price-hint", HTMLElement), price);
    },
  };
}

const unitsOf = { batch: "requests", context: "tokens" } as const;

function modelHint(id: string): string {
  return builtinModels[id]?.name ?? "";
}

function fillChoices(): void {
  const list = (id: string, options: readonly (readonly [value: string, text: string])[]): void => {
    byId(id, HTMLDataListElement).replaceChildren(
      ...options.map(([value, text]) => element("option", { value }, text)),
    );
  };
  const choice = (id: string, options: readonly (readonly [value: string, text: string])[]): void => {
    byId(id, HTMLSelectElement).replaceChildren(...options.map(([value, text]) => element("option", { value }, text)));
  };
  const same = (values: readonly string[]): (readonly [string, string])[] => values.map((value) => [value, value]);
  list(
    "models",
    Object.keys(builtinModels).map((id) => [id, builtinModels[id]?.name ?? id]),
  );
  list(
    "machines",
    Object.values(builtinHardware).map(({ id, name, vendor }) => [id, `${name}, ${vendor}`]),
  );
  list("attentions", [
    ["as-is", "as the model has it"],
    ["mha", "multi-head: as many K/V heads as heads"],
    ["gqa:8", "grouped: 8 K/V heads"],
    ["gqa:4", "grouped: 4 K/V heads"],
    ["gqa:2", "grouped: 2 K/V heads"],
    ["mqa", "multi-query: one K/V head"],
    ["mla", "latent"],
  ]);
  list(
    "weight-formats",
    same(["bf16", "fp16", "fp8", "int8", "int4", "nvfp4", "mxfp4", "q8_0", "q4_k_m", "q4_0", "fp32"]),
  );
  list("cache-formats", same(["bf16", "fp16", "fp8", "int8", "int4", "fp32"]));
  choice("activations", same(activationFormats));
  choice("tensor-parallel", same(["1", "2", "4", "8", "16", "32"]));
  choice("engine", [["auto", "that of the fit"], ...engineIds.map((id) => [id, engineName(id)] as const)]);
}
