/**
 * The fields of a Hugging Face config.json, read one by one with a type and a range. A key that is absent or null takes the
 * default that the caller gives; a key of the wrong type is an error that names it.
 */
import { InvalidInput } from "../../quantity/invalid-input.ts";

const maxCount = 1_000_000_000;

export class ConfigFields {
  /** What messages call the object: "config.json", "config.json text_config". */
  readonly what: string;
  /** Remarks on what was assumed or left out, shared with every section. */
  readonly notes: string[];
  readonly values: Readonly<Record<string, unknown>>;

  constructor(values: Readonly<Record<string, unknown>>, what: string, notes: string[]) {
    this.values = values;
    this.what = what;
    this.notes = notes;
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
    if (!this.notes.includes(text)) this.notes.push(text);
  }

  fault(key: string, value: unknown, wants: string): InvalidInput {
    return new InvalidInput(`${this.what}${this.what.includes(" ") ? "." : " "}${key}`, value ?? "", wants);
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
    return this.integer(keys, 1, "wants a positive integer");
  }

  /** A non-negative integer; 0 where no key is given. */
  whole(...keys: string[]): number {
    return this.integer(keys, 0, "wants a non-negative integer") ?? 0;
  }

  /** A positive number, such as a share or a factor. */
  ratioOr(fallback: number, ...keys: string[]): number {
    const found = this.first(keys);
    if (found === null) return fallback;
    const { key, value } = found;
    if (typeof value !== "number" || !(value > 0) || value > maxCount) {
      throw this.fault(key, printable(value), "wants a positive number");
    }
    return value;
  }

  flag(key: string, fallback: boolean): boolean {
    const value = this.raw(key) ?? null;
    if (value === null) return fallback;
    if (typeof value !== "boolean") throw this.fault(key, printable(value), "wants true or false");
    return value;
  }

  /** A text; null where the key is absent, null or something else. */
  text(key: string): string | null {
    const value = this.raw(key);
    return typeof value === "string" ? value : null;
  }

  /** A list; null where the key is absent or null. */
  list(key: string): readonly unknown[] | null {
    const value = this.raw(key) ?? null;
    if (value === null) return null;
    if (!Array.isArray(value)) throw this.fault(key, printable(value), "wants a list");
    return value;
  }

  /** An object inside the object; null where the key is absent or null. */
  section(key: string): ConfigFields | null {
    const value = this.raw(key) ?? null;
    if (value === null) return null;
    if (!isObject(value)) throw this.fault(key, printable(value), "wants an object");
    const what = this.what.includes(" ") ? `${this.what}.${key}` : `${this.what} ${key}`;
    return new ConfigFields(value, what, this.notes);
  }

  private integer(keys: readonly string[], least: number, wants: string): number | null {
    const found = this.first(keys);
    if (found === null) return null;
    const { key, value } = found;
    if (typeof value !== "number" || !Number.isInteger(value) || value < least || value > maxCount) {
      throw this.fault(key, printable(value), value === Number.POSITIVE_INFINITY ? `${wants}, finite` : wants);
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

/** JSON has no spelling for 1e400 once it is read; say it in words. */
function printable(value: unknown): unknown {
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
}
