/**
 * The fields of a Hugging Face config.json, read one by one with a type and a range. A key that is absent or null takes the
 * default that the caller gives; a key of the wrong type is an error that names it.
 */
import { InvalidInput, quoted } from "../../quantity/invalid-input.ts";
import { printableText } from "../../quantity/printable-text.ts";

const maxCount = 1_000_000_000;
const maxLayers = 10_000;

/** Keys that count layers, which are written out one by one. */
const layerKeys: ReadonlySet<string> = new Set([
  "num_hidden_layers",
  "num_layers",
  "num_decoder_layers",
  "n_layers",
  "n_layer",
]);

export class ConfigFields {
  /** What messages call the object: the file, "config.json", or a section, "config.json text_config". */
  readonly what: string;
  /** Remarks on what was assumed or left out, shared with every section. */
  readonly notes: string[];
  readonly values: Readonly<Record<string, unknown>>;
  /** Whether this is an object inside the file's. */
  readonly isSection: boolean;

  constructor(values: Readonly<Record<string, unknown>>, what: string, notes: string[], isSection = false) {
    this.values = values;
    this.what = what;
    this.notes = notes;
    this.isSection = isSection;
  }

  /** The value of a key; undefined where it is absent. */
  raw(key: string): unknown {
    return Object.hasOwn(this.values, key) ? this.values[key] : undefined;
  }

  /** Whether a key is there, with null or not. */
  has(key: string): boolean {
    return Object.hasOwn(this.values, key);
  }

  note(text: string): void {
    const line = printableText(text);
    if (!this.notes.includes(line)) this.notes.push(line);
  }

  fault(key: string, value: unknown, wants: string): InvalidInput {
    return new InvalidInput(this.pathOf(key), value ?? "", wants);
  }

  /** The error for a value of the wrong type: a text stands in quotes. */
  private wrongType(key: string, value: unknown, wants: string): InvalidInput {
    return new InvalidInput(this.pathOf(key), value, wants, quoted(value));
  }

  private pathOf(key: string): string {
    return `${this.what}${this.isSection ? "." : " "}${key}`;
  }

  /** A positive integer under the first of the keys that is given. @throws InvalidInput where none is */
  count(key: string, ...others: string[]): number {
    const value = this.countOrNull(key, ...others);
    if (value === null) throw this.fault(key, "", "wants a positive integer");
    return value;
  }

  countOr(fallback: number, ...keys: string[]): number {
    return this.countOrNull(...keys) ?? fallback;
  }

  countOrNull(...keys: string[]): number | null {
    return this.integer(keys, 1, "a positive integer");
  }

  /** A non-negative integer; 0 where no key is given. */
  whole(...keys: string[]): number {
    return this.integer(keys, 0, "0 or a positive integer") ?? 0;
  }

  /** A positive number, such as a share or a factor. */
  ratioOr(fallback: number, ...keys: string[]): number {
    const found = this.first(keys);
    if (found === null) return fallback;
    const { key, value } = found;
    if (typeof value !== "number" || !(value > 0) || value > maxCount) {
      throw this.wrongType(key, value, "wants a positive number up to 1,000,000,000");
    }
    return value;
  }

  flag(key: string, fallback: boolean): boolean {
    const value = this.raw(key) ?? null;
    if (value === null) return fallback;
    if (typeof value !== "boolean") throw this.wrongType(key, value, "wants true or false");
    return value;
  }

  /** A text on one line, without control characters; null where the key is absent, null or something else. */
  text(key: string): string | null {
    const value = this.raw(key);
    return typeof value === "string" ? printableText(value) : null;
  }

  /** A list; null where the key is absent or null. */
  list(key: string): readonly unknown[] | null {
    const value = this.raw(key) ?? null;
    if (value === null) return null;
    if (!Array.isArray(value)) throw this.wrongType(key, value, "wants a list");
    return value;
  }

  /** An object inside the object; null where the key is absent or null. */
  section(key: string): ConfigFields | null {
    const value = this.raw(key) ?? null;
    if (value === null) return null;
    if (!isObject(value)) throw this.wrongType(key, value, "wants an object");
    return new ConfigFields(value, this.pathOf(key), this.notes, true);
  }

  private integer(keys: readonly string[], least: number, wants: string): number | null {
    const found = this.first(keys);
    if (found === null) return null;
    const { key, value } = found;
    const most = mostOf(key);
    if (typeof value !== "number" || !Number.isInteger(value) || value < least || value > most) {
      throw this.wrongType(key, value, `wants ${wants} up to ${inWords(most)}`);
    }
    return value;
  }

  private first(keys: readonly string[]): { key: string; value: unknown } | null {
    for (const key of keys) {
      const value = this.raw(key) ?? null;
      if (value !== null) return { key, value };
    }
    return null;
  }
}

/** Whether a JSON value is an object, not a list or null. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function mostOf(key: string): number {
  return layerKeys.has(key) ? maxLayers : maxCount;
}

/** @example inWords(10000) is "10,000" */
function inWords(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ",");
}
