/**
 * Fields of a setting from text that a person typed or an address held. Each is checked by the library's own readers, so that
 * nothing enters a setting that the command line would refuse; names become ids.
 */
import { applyAttention, engineIds, InvalidInput, parseNumberFormat, typedNumber, workloadSize } from "ridgepoint";
import { builtinHardwareOf, builtinModelOf } from "ridgepoint/profiles";
import { activationFormats, type Setting, timings } from "./setting.ts";

/** Fields that are text in a form and in an address; a config is handled apart. */
export type FieldName = Exclude<keyof Setting, "config">;

const mostTensorParallel = 1024;

const readers: { readonly [Name in FieldName]: (text: string) => Setting[Name] } = {
  model: (text) => builtinModelOf(text).id,
  hardware: (text) => builtinHardwareOf(text).id,
  attention,
  batch: (text) => workloadSize("batch", text),
  context: (text) => workloadSize("context", text),
  weights: (text) => (text === "" ? null : parseNumberFormat(text, "weights").id),
  kvCache: (text) => parseNumberFormat(text, "kvCache").id,
  activations: (text) => oneOf("activations", text.toLowerCase(), activationFormats),
  timing: (text) => oneOf("timing", text, timings),
  engine: (text) => (text === "auto" ? "auto" : oneOf("engine", text, engineIds)),
  tensorParallel: (text) => {
    const value = typedNumber(text);
    if (Number.isInteger(value) && value >= 1 && value <= mostTensorParallel) return value;
    throw new InvalidInput("tensorParallel", text, `wants a whole number from 1 to ${mostTensorParallel}`);
  },
  pricePerHour: (text) => {
    if (text === "") return null;
    const value = typedNumber(text);
    if (value > 0 && value <= 1e6) return value;
    throw new InvalidInput("price", text, "wants a number above 0, or nothing for the list price");
  },
};

/** In the order of an address. */
export const fieldNames = Object.keys(readers) as readonly FieldName[];

/**
 * The setting with one field changed.
 * @throws InvalidInput as the library says it
 */
export function withField(setting: Setting, name: FieldName, text: string): Setting {
  return { ...setting, [name]: readers[name](text.trim()) };
}

/** The text of a field, as withField reads it. */
export function fieldText(setting: Setting, name: FieldName): string {
  const value = setting[name];
  return value === null ? "" : String(value);
}

/** The spelling alone: whether it goes with a model, the prediction says. */
function attention(text: string): string {
  const variant = text.toLowerCase();
  if (/^gqa:\d{1,6}$/.test(variant)) return variant;
  applyAttention(builtinModelOf("llama-2-7b"), variant);
  return variant;
}

function oneOf<const Word extends string>(field: string, text: string, words: readonly Word[]): Word {
  const word = words.find((each) => each === text);
  if (word !== undefined) return word;
  throw new InvalidInput(field, text, `wants ${words.join(", ")}`);
}
