/**
 * "What if the model had…": changes to a plan's question as people type them, several at once with commas between them:
 *   kv-heads=N        N heads of keys and values (1: MQA, as many as heads: MHA)
 *   attention=…       mha, gqa:G, mqa or mla
 *   window=N          a sliding window of N tokens in every softmax layer of the decoder
 *   kv-cache=FORMAT   weights=FORMAT   shared-prefix=SHARE   input=LENGTHS   output=LENGTHS
 * Another attention keeps every other width: an operator asks about the network that is served, so the parameters that keys and values
 * lose or gain are gone or added (a few per cent), and no feed-forward network makes up for them as in Shazeer 2019, section 4.1.
 */
import { type AttentionVariant, applyAttention, applyWindow } from "../architecture/attention-variant.ts";
import type { Model } from "../architecture/model.ts";
import { InvalidInput } from "../quantity/invalid-input.ts";
import { nearestName } from "../quantity/nearest-name.ts";
import { type NumberFormat, parseNumberFormat } from "../quantity/number-format.ts";
import { typedNumber, workloadSize } from "../quantity/typed-number.ts";
import { wordChoice } from "../quantity/word-choice.ts";
import type { LengthDistribution } from "../serving/length-distribution.ts";
import { parseLengths } from "../serving/parse-lengths.ts";
import type { PlanQuestion } from "./plan-question.ts";

/** What changes; null where a thing stays as it is. */
export interface WhatIfChange {
  /** As it was typed. */
  readonly text: string;
  /** For people: "MQA (1 K/V head), int8 cache". */
  readonly label: string;
  readonly attention: AttentionVariant | null;
  readonly window: number | null;
  readonly kvCache: NumberFormat | null;
  readonly weights: NumberFormat | null;
  /** Share of each prompt that is found computed. */
  readonly cachedPromptShare: number | null;
  readonly input: LengthDistribution | null;
  readonly output: LengthDistribution | null;
}

type Amounts = Omit<WhatIfChange, "text" | "label">;

/** One part of a change, with what people call it. */
type Part = Partial<Amounts> & { readonly label: string };

const none: Amounts = {
  ...{ attention: null, window: null, kvCache: null, weights: null },
  ...{ cachedPromptShare: null, input: null, output: null },
};

const readers: Readonly<Record<string, (value: string) => Part>> = {
  "kv-heads": (value) => attention(`gqa:${kvHeads(value)}`, "kv-heads"),
  attention: (value) => attention(value.toLowerCase(), "attention"),
  window: (value) => {
    const window = workloadSize("window", value);
    return { window, label: `window of ${window} token${window === 1 ? "" : "s"}` };
  },
  "kv-cache": (value) => {
    const kvCache = numberFormat(value);
    return { kvCache, label: `${kvCache.id} cache` };
  },
  weights: (value) => {
    const weights = numberFormat(value);
    return { weights, label: `${weights.id} weights` };
  },
  "shared-prefix": (value) => {
    const cachedPromptShare = typedNumber(value);
    if (!(cachedPromptShare >= 0 && cachedPromptShare < 1))
      throw new WrongValue("wants a share from 0 up to but not 1");
    return { cachedPromptShare, label: `${Number((100 * cachedPromptShare).toPrecision(6))} % of the prompt shared` };
  },
  input: (value) => {
    const input = parseLengths("input", value);
    return { input, label: `input of ${input.text}` };
  },
  output: (value) => {
    const output = parseLengths("output", value);
    return { output, label: `output of ${output.text}` };
  },
};

const names = Object.keys(readers);

/**
 * @throws InvalidInput naming `whatIf` for an unknown change (with the nearest known name), one named twice, and a value that is none
 * @example parseWhatIf("kv-heads=1, kv-cache=int8").label is "MQA (1 K/V head), int8 cache"
 */
export function parseWhatIf(text: string): WhatIfChange {
  const seen = new Set<string>();
  const labels: string[] = [];
  let amounts: Amounts = none;
  for (const each of partsOf(text)) {
    const equals = each.indexOf("=");
    const name = (equals < 0 ? each : each.slice(0, equals)).trim();
    const reader = Object.hasOwn(readers, name) ? readers[name] : undefined;
    if (reader === undefined) throw new InvalidInput("whatIf", each, unknownName(name));
    const value = equals < 0 ? "" : each.slice(equals + 1).trim();
    if (value === "") throw new InvalidInput("whatIf", each, `wants a value, as in ${name}=${examples[name]}`);
    const kind = name === "kv-heads" ? "attention" : name;
    if (seen.has(kind)) throw new InvalidInput("whatIf", text, `names ${kind} twice`);
    seen.add(kind);
    const { label, ...change } = reworded(each, () => reader(value));
    labels.push(label);
    amounts = { ...amounts, ...change };
  }
  return { text: text.trim(), label: labels.join(", "), ...amounts };
}

/**
 * The question with the change made: another attention first, then the window.
 * @throws InvalidInput naming `whatIf` where the model can't have it: K/V heads that don't divide its heads, no attention with keys and
 * values to change, lengths past its context
 * @example applyWhatIf(question of Llama-2-7B, parseWhatIf("kv-heads=1")).model reads 1/32 of the cache
 */
export function applyWhatIf(question: PlanQuestion, change: WhatIfChange): PlanQuestion {
  const { workload, kvCaches, weights, cachedPromptShare } = question;
  const model = reworded(change.text, () => changedModel(question.model, change));
  const input = change.input ?? workload.input;
  const output = change.output ?? workload.output;
  const tokens = input.mean + output.mean;
  if ((change.input ?? change.output) !== null && model.maxContext !== null && tokens > model.maxContext) {
    const why = `${Math.round(tokens)} tokens on average are past the ${model.maxContext} of ${model.id}'s context`;
    throw new InvalidInput("whatIf", change.text, why);
  }
  return {
    ...question,
    model,
    workload: { ...workload, input, output },
    kvCaches: change.kvCache === null ? kvCaches : [change.kvCache],
    weights: change.weights === null ? weights : [change.weights],
    cachedPromptShare: change.cachedPromptShare ?? cachedPromptShare,
  };
}

function changedModel(model: Model, change: WhatIfChange): Model {
  let changed = model;
  if (change.attention !== null) {
    if (model.decoder.kinds.every((layer) => layer.attention.kind === "linear")) {
      throw new WrongValue(`${model.id} has linear attention alone, without heads of keys and values`);
    }
    changed = applyAttention(changed, change.attention);
  }
  return change.window === null ? changed : applyWindow(changed, change.window);
}

const examples: Readonly<Record<string, string>> = {
  ...{ "kv-heads": "1", attention: "mqa", window: "4096", "kv-cache": "int8", weights: "fp8" },
  ...{ "shared-prefix": "0.5", input: "1000", output: "300" },
};

/** At commas, but for those inside the quantiles of a length. */
function partsOf(text: string): string[] {
  const parts: string[] = [];
  for (const each of text.split(",").map((part) => part.trim())) {
    const last = parts.at(-1);
    if (last !== undefined && /^(in|out)put\s*=\s*quantiles/.test(last) && /^(p\d|min\s*=|max\s*=)/.test(each)) {
      parts[parts.length - 1] = `${last},${each}`;
    } else parts.push(each);
  }
  return parts;
}

function unknownName(name: string): string {
  const nearest = nearestName(name, names);
  return nearest === null ? `wants ${wordChoice(names)}, then = and a value` : `did you mean ${nearest}?`;
}

const mostKvHeads = 65_536;

function kvHeads(value: string): number {
  const heads = typedNumber(value);
  if (Number.isInteger(heads) && heads >= 1 && heads <= mostKvHeads) return heads;
  throw new WrongValue("wants a positive whole number of K/V heads that divides the model's heads");
}

function attention(variant: string, name: "kv-heads" | "attention"): Part {
  const groups = /^gqa:(\d{1,5})$/.exec(variant);
  if (groups !== null) {
    const heads = kvHeads(groups[1]!);
    if (heads === 1) return attention("mqa", name);
    const label = name === "attention" ? `GQA-${heads} (${heads} K/V heads)` : `${heads} K/V heads`;
    return { attention: `gqa:${heads}`, label };
  }
  if (variant === "mqa") return { attention: variant, label: "MQA (1 K/V head)" };
  if (variant === "mha" || variant === "mla") return { attention: variant, label: variant.toUpperCase() };
  const nearest = nearestName(variant, ["mha", "mqa", "mla", "gqa:8"]);
  throw new WrongValue(`wants mha, gqa:G, mqa or mla${nearest === null ? "" : `; did you mean ${nearest}?`}`);
}

const formatNames = ["fp32", "bf16", "fp16", "fp8", "int8", "int4", "mxfp4", "nvfp4", "q8_0", "q4_0", "q4_k_m"];

function numberFormat(value: string): NumberFormat {
  try {
    return parseNumberFormat(value);
  } catch (error) {
    const nearest = /^(int4|bits):/i.test(value) ? null : nearestName(value, formatNames);
    throw nearest === null ? error : new WrongValue(`did you mean ${nearest}?`);
  }
}

/** A value that is refused, where only the reader of the whole text knows what was typed. */
class WrongValue extends Error {}

/** What `read` refuses, said of the text typed. */
function reworded<T>(text: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof WrongValue) throw new InvalidInput("whatIf", text, error.message);
    if (!(error instanceof InvalidInput)) throw error;
    const wants = /^invalid [^(]*\((.*)\)$/s.exec(error.message);
    throw new InvalidInput("whatIf", text, wants?.[1] ?? error.message);
  }
}
