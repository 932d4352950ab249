/**
 * The page's state as the fragment of its address, so that a link restores it and no server sees it.
 *
 *   #m=llama-3.1-8b&h=h100-sxm&b=64&c=8192/m=llama-3.1-8b&a=mqa&…      settings apart by "/", fields by "&"
 *   what is as in defaultSetting is left out, but for the model, the machine, the batch and the context
 *   x=…  a config.json (packed-text.ts);   on=1 stands in the setting that the form shows, unless it is the first
 *
 * Unknown keys are passed over, so that links of a later version open; a value that the library refuses is told and left out.
 */
import { InvalidInput } from "ridgepoint";
import { packText, unpackText } from "./packed-text.ts";
import { checkedConfig } from "./pasted-config.ts";
import { defaultSetting, defaultState, mostSettings, type PageState, type Setting } from "./setting.ts";
import { type FieldName, fieldNames, fieldText, withField } from "./setting-fields.ts";

const keys: Readonly<Record<FieldName, string>> = {
  model: "m",
  hardware: "h",
  attention: "a",
  batch: "b",
  context: "c",
  weights: "w",
  kvCache: "kv",
  activations: "act",
  timing: "t",
  engine: "e",
  tensorParallel: "tp",
  pricePerHour: "usd",
};
const always: ReadonlySet<FieldName> = new Set(["model", "hardware", "batch", "context"]);
const configKey = "x";
const selectedKey = "on";

/** Four settings with a config each, and some room. */
const mostCharacters = 40_000;

export interface Address {
  readonly hash: string;
  /** What the address does not hold. */
  readonly note: string | null;
}

export interface RestoredState {
  readonly state: PageState;
  /** What was refused, one sentence each. */
  readonly notes: readonly string[];
}

/** The fragment of a state, with its "#". */
export async function addressOf({ settings, selected }: PageState): Promise<Address> {
  let note: string | null = null;
  const parts = await Promise.all(
    settings.map(async (setting, index) => {
      const fields = fieldNames
        .filter((name) => always.has(name) || setting[name] !== defaultSetting[name])
        .filter((name) => name !== "model" || setting.config === null)
        .map((name) => [keys[name], fieldText(setting, name)] as [string, string]);
      if (index > 0 && index === selected) fields.push([selectedKey, "1"]);
      const packed = setting.config === null ? null : await packText(setting.config);
      if (packed !== null) fields.push([configKey, packed]);
      else if (setting.config !== null) note = "the config.json is too long for a link: it stays on this page alone";
      return fields.map(([key, text]) => `${key}=${encodeURIComponent(text).replaceAll("%3A", ":")}`).join("&");
    }),
  );
  return { hash: `#${parts.join("/")}`, note };
}

/** The state of a fragment; the default one where it holds none. */
export async function stateOfAddress(hash: string): Promise<RestoredState> {
  const text = hash.replace(/^#/, "");
  if (text === "") return { state: defaultState, notes: [] };
  if (text.length > mostCharacters) {
    return {
      state: defaultState,
      notes: [`the address has ${text.length} characters, at most ${mostCharacters} are read`],
    };
  }
  const notes: string[] = [];
  const settings: Setting[] = [];
  let selected = 0;
  for (const part of text.split("/").slice(0, mostSettings)) {
    const fields = fieldsOf(part);
    if (fields.get(selectedKey) === "1") selected = settings.length;
    settings.push(await settingOf(fields, notes));
  }
  return { state: { settings, selected }, notes };
}

function fieldsOf(part: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const field of part.split("&")) {
    const at = field.indexOf("=");
    if (at > 0) fields.set(field.slice(0, at), decoded(field.slice(at + 1)));
  }
  return fields;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

async function settingOf(fields: ReadonlyMap<string, string>, notes: string[]): Promise<Setting> {
  let setting = defaultSetting;
  for (const name of fieldNames) {
    const text = fields.get(keys[name]);
    if (text === undefined) continue;
    try {
      setting = withField(setting, name, text);
    } catch (error) {
      notes.push(refusal(error));
    }
  }
  const packed = fields.get(configKey);
  if (packed === undefined) return setting;
  try {
    return { ...setting, config: checkedConfig(await unpackText(packed)) };
  } catch (error) {
    notes.push(refusal(error));
    return setting;
  }
}

function refusal(error: unknown): string {
  if (error instanceof InvalidInput) return `in the address: ${error.message}`;
  throw error;
}
