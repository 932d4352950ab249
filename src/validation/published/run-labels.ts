/**
 * Which machine and which model a published run names. Labels are free text ("3090 24GB", "Apple M2 Ultra 76-core GPU",
 * "MI300X-192GB-750W", "LLaMA 70B"); what is not sure to be one profile names none.
 */

/** A machine that a label names. */
export interface LabelledMachine {
  /** Of the hardware profile. */
  readonly hardware: string;
  /** GPU cores that the label states, where the chip is sold with several numbers of them. */
  readonly cores: number | null;
}

/** Labels that say less or more than a profile's name; the first that matches. */
const machines: readonly (readonly [RegExp, string])[] = [
  [/\bmi300x\b/, "mi300x"],
  [/\bmi325x\b/, "mi325x"],
  [/\bh100[- ](sxm|80gb hbm3)/, "h100-sxm"],
  [/\bh100[- ]pcie/, "h100-pcie"],
  [/\bh200\b/, "h200"],
  [/\bb200\b/, "b200"],
  [/\bl40s\b/, "l40s"],
  [/\bl4\b/, "l4"],
  [/\ba100[- (]*pcie/, "a100-80g-pcie"],
  [/\ba100([- ]sxm4?)?[- ]80gb?\b/, "a100-80g-sxm"],
  [/\ba100([- ]sxm4?)?[- ]40gb?\b/, "a100-40g-sxm"],
  [/\b3090(?! ?ti)\b/, "rtx-3090"],
  [/\b4090\b/, "rtx-4090"],
  [/\b5090\b/, "rtx-5090"],
];

/** Names of models in published tables that differ from the profiles' by more than spelling; of the same dimensions. */
const modelAliases: Readonly<Record<string, string>> = {
  "llama-7b": "llama-2-7b",
  "llama-13b": "llama-2-13b",
  "llama-70b": "llama-2-70b",
  "mistral-7b": "mistral-7b-v0.1",
  "deepseek-r1-14b": "qwen2.5-14b",
  "qwen2.5-coder-7b": "qwen2.5-7b",
  "qwen3-coder-30b-a3b": "qwen3-30b-a3b",
};

/**
 * Null where the label is empty or says who else took part (a processor, several machines); any other label is taken for the name of
 * a profile, memory and remarks in brackets aside: whoever loads profiles finds out.
 * @example machineOfLabel("M2 Ultra 76-Core GPU 192GB") is { hardware: "apple-m2-ultra", cores: 76 }
 */
export function machineOfLabel(label: string): LabelledMachine | null {
  // Some sources write a hyphen that does not break (U+2011).
  const text = label.toLowerCase().replace(/[\u2010-\u2012]/g, "-");
  if (/[+[]|\b\d+x |not named/.test(text)) return null;
  const apple = /\bm([1-9])(?: (pro|max|ultra))?\b/.exec(text);
  if (apple !== null) {
    const cores = /\b(\d+)[- ]core gpu/.exec(text)?.[1];
    const chip = ["apple", `m${apple[1]}`, apple[2]].filter(Boolean).join("-");
    return { hardware: chip, cores: cores === undefined ? null : Number(cores) };
  }
  const known = machines.find(([pattern]) => pattern.test(text))?.[1];
  const named = text
    .replace(/\(.*\)|\b\d+ ?gi?b\b/g, " ")
    .trim()
    .replace(/[^a-z0-9.]+/g, "-");
  const hardware = known ?? named.replace(/^-|-$/g, "");
  return hardware === "" ? null : { hardware, cores: null };
}

/**
 * The id of the model's profile, if there is one of this name; whoever loads profiles finds out.
 * @example modelOfLabel("LLaMA 70B") is "llama-2-70b", modelOfLabel("Llama 3.1:70b") is "llama-3.1-70b"
 */
export function modelOfLabel(label: string): string {
  const words = label
    .toLowerCase()
    .replace(/\(.*\)/, "")
    .trim()
    .split(/[\s_:/]+/);
  const name = words.join("-");
  return modelAliases[name] ?? name;
}
