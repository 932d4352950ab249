/** A model from a Hugging Face config.json: its family is looked up, its fields are read, nothing is guessed. */
import { InvalidInput } from "../../quantity/invalid-input.ts";
import { nearestName } from "../../quantity/nearest-name.ts";
import { printableText } from "../../quantity/printable-text.ts";
import type { Model } from "../model.ts";
import { checkLayerKeys } from "./check-layer-keys.ts";
import { ConfigFields, isObject } from "./config-fields.ts";
import { familyOfArchitecture, familyOfModelType, knownArchitectures } from "./family-registry.ts";
import type { HuggingFaceFamily } from "./hugging-face-family.ts";
import { readPublishedWeights } from "./published-weights.ts";

export interface HuggingFaceModel {
  readonly model: Model;
  /** What was assumed, ignored or left out, one sentence each. */
  readonly notes: string[];
}

export interface HuggingFaceOptions {
  /** What messages call the file; config.json where absent. */
  readonly what?: string;
  /** Whether the caller names the weights' format itself, so that the file's need not be understood. */
  readonly weightsGiven?: boolean;
}

/** Sections that hold the language model of a model for several media. */
const textSections = ["text_config", "llm_config", "language_config", "language_model"];

/** Keys of the outer object that count for the inner one where it leaves them out. */
const inheritedKeys = ["tie_word_embeddings", "quantization_config", "compression_config", "dtype", "torch_dtype"];

/** Fields of nearly every decoder, to say what a file of an unknown class lacks. */
const genericFields = ["hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size", "vocab_size"];

/**
 * Reads the parsed content of a config.json.
 * @param id the model's id; the last part of _name_or_path, or model_type, where absent
 * @throws InvalidInput for an unknown architecture or quantization, a missing field, or one out of range
 * @example falcon-7b's file, which prints num_kv_heads 71 beside multi_query true, has one K/V head
 */
export function modelFromHuggingFace(
  config: unknown,
  id?: string,
  { what = "config.json", weightsGiven = false }: HuggingFaceOptions = {},
): HuggingFaceModel {
  if (!isObject(config)) throw new InvalidInput(what, config, "wants an object");
  const notes: string[] = [];
  const outer = new ConfigFields(config, what, notes);
  const part = textPart(outer);
  const family = findFamily(outer, part);
  const inner = withAssumed(part, family, part !== outer);
  const dimensions = family.read(inner);
  checkLayerKeys(inner);
  noteLeftOut(outer, inner);
  const name = printableText(id ?? "") || ownName(outer);
  const model: Model = { id: name, name, ...dimensions, publishedWeights: readPublishedWeights(inner, weightsGiven) };
  return { model, notes };
}

/** The object that describes the language model, with what it inherits from the file. */
function textPart(outer: ConfigFields): ConfigFields {
  for (const key of textSections) {
    const section = isObject(outer.raw(key)) ? outer.section(key) : null;
    if (section === null) continue;
    const inherited = inheritedKeys.filter((each) => outer.has(each) && !section.has(each));
    const values = { ...section.values, ...Object.fromEntries(inherited.map((each) => [each, outer.raw(each)])) };
    return new ConfigFields(values, section.what, outer.notes, true);
  }
  return outer;
}

/** The part with what its class assumes: a model_type after the class's name, the sizes of a nested text_config. */
function withAssumed(part: ConfigFields, family: HuggingFaceFamily, isNested: boolean): ConfigFields {
  const assumed: Record<string, unknown> = {};
  const bare = (name: string) => name.toLowerCase().replaceAll("_", "");
  const own = withoutEnding(firstArchitecture(part) ?? "");
  const modelType = family.modelTypes.find((type) => bare(type) === bare(own));
  if (part.text("model_type") === null && modelType !== undefined) assumed.model_type = modelType;
  for (const [key, size] of Object.entries(isNested ? (family.nestedDefaults ?? {}) : {})) {
    if ((part.raw(key) ?? null) !== null) continue;
    part.note(`${key} is absent: the configuration class assumes ${size}`);
    assumed[key] = size;
  }
  return new ConfigFields({ ...part.values, ...assumed }, part.what, part.notes, part.isSection);
}

function findFamily(outer: ConfigFields, inner: ConfigFields): HuggingFaceFamily {
  const classes = [firstArchitecture(outer), firstArchitecture(inner)].filter((name) => name !== null);
  for (const name of classes) {
    const family = familyOfArchitecture(name);
    if (family !== null) return family;
  }
  for (const type of [inner.text("model_type"), outer.text("model_type")]) {
    const family = type === null ? null : familyOfModelType(type);
    if (family === null) continue;
    if (classes[0] !== undefined) outer.note(`${classes[0]} is read by its model_type ${type}`);
    return family;
  }
  throw unknownArchitecture(classes[0] ?? outer.text("model_type"), outer, inner);
}

function firstArchitecture(config: ConfigFields): string | null {
  const list = config.raw("architectures");
  const first: unknown = Array.isArray(list) ? list[0] : list;
  return typeof first === "string" ? printableText(first) : null;
}

function unknownArchitecture(name: string | null, outer: ConfigFields, inner: ConfigFields): InvalidInput {
  const missing = genericFields.filter((key) => (inner.raw(key) ?? null) === null);
  const lacks = missing.length > 0 ? `; the file lacks ${missing.join(", ")}` : "";
  if (name === null) {
    return outer.fault("architectures", "", `wants a class name such as LlamaForCausalLM${lacks}`);
  }
  // Compared without their endings, which would make all class names alike.
  const known = new Map(knownArchitectures().map((each) => [withoutEnding(each), each]));
  const nearest = known.get(nearestName(withoutEnding(name), known.keys()) ?? "");
  const hint = nearest === undefined ? "describe it in a model profile" : `did you mean ${nearest}?`;
  return outer.fault("architectures", name, `unknown architecture${lacks}; ${hint}`);
}

function withoutEnding(architecture: string): string {
  return architecture.replace(/For[A-Z]\w*$/, "");
}

function noteLeftOut(outer: ConfigFields, inner: ConfigFields): void {
  if (isObject(outer.raw("vision_config"))) outer.note("the vision tower is not counted");
  if (isObject(outer.raw("audio_config"))) outer.note("the audio tower is not counted");
  const predictionKeys = ["num_nextn_predict_layers", "mtp_num_hidden_layers", "num_mtp_modules"];
  const predicts = predictionKeys.find((key) => typeof inner.raw(key) === "number" && inner.raw(key) !== 0);
  if (predicts !== undefined && inner.raw("use_mtp") !== false) {
    outer.note(`layers that predict several tokens (${predicts} ${inner.raw(predicts)}) are not counted`);
  }
}

/** The file's own name for the model, on one line. */
function ownName(outer: ConfigFields): string {
  const path = outer.text("_name_or_path") ?? "";
  const last = path.split(/[\\/]/).findLast((part) => part.trim() !== "") ?? outer.text("model_type") ?? "config.json";
  return printableText(last.slice(0, 80)) || "config.json";
}
