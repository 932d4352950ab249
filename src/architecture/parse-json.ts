/**
 * JSON text that a user hands in, read safely: size and depth are limited, a syntax error says its line, and keys that
 * reach into an object's prototype are refused or dropped.
 */
import { InvalidInput } from "../quantity/invalid-input.ts";
import { findJsonSyntaxError } from "./json-syntax-error.ts";

export const maxJsonCharacters: number = 5_000_000;
export const maxJsonDepth: number = 64;

const dangerousKeys: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);

/** What to do with the keys __proto__, constructor and prototype. */
export type DangerousKeys = "refuse" | "drop";

/**
 * Parses JSON text; the literals Infinity, -Infinity and NaN, which Python writes, become null.
 * @throws InvalidInput naming `what` for text over 5 MB (unless told), nesting over 64, a syntax error (with line and column), or a refused key
 * @example parseJson('{"a": Infinity}', "config.json") is { a: null }
 */
export function parseJson(
  text: string,
  what: string,
  keys: DangerousKeys = "refuse",
  maximumCharacters: number = maxJsonCharacters,
): unknown {
  if (text.length > maximumCharacters) {
    throw new InvalidInput(what, `${text.length} characters`, `wants at most ${maximumCharacters}`);
  }
  const clean = replaceLiterals(text.startsWith("\uFEFF") ? ` ${text.slice(1)}` : text);
  const fault = findJsonSyntaxError(clean, maxJsonDepth);
  if (fault !== null) {
    const { line, column } = placeOf(clean, fault.index);
    throw new InvalidInput(what, `JSON syntax error at line ${line}, column ${column}`, fault.wants);
  }
  const value: unknown = JSON.parse(clean);
  guardKeys(value, what, keys);
  return value;
}

/** Line and column, counted from 1, of a position in a text. */
function placeOf(text: string, index: number): { line: number; column: number } {
  const before = text.slice(0, index);
  const line = before.split("\n").length;
  return { line, column: index - before.lastIndexOf("\n") };
}

/** Replaces the three literals outside strings by null, padded so that positions stay. */
function replaceLiterals(text: string): string {
  if (!text.includes("Infinity") && !text.includes("NaN")) return text;
  const literals = ["-Infinity", "Infinity", "NaN"];
  let out = "";
  let from = 0;
  for (let i = 0; i < text.length; i += 1) {
    const c = text[i];
    if (c === '"') {
      i += 1;
      while (i < text.length && text[i] !== '"') i += text[i] === "\\" ? 2 : 1;
      continue;
    }
    if (c !== "-" && c !== "I" && c !== "N") continue;
    const literal = literals.find((word) => text.startsWith(word, i));
    if (literal === undefined) continue;
    // NaN is one character shorter than null: the position of what follows on its line moves by one.
    out += text.slice(from, i) + "null".padEnd(literal.length);
    i += literal.length - 1;
    from = i + 1;
  }
  return out + text.slice(from);
}

function guardKeys(value: unknown, what: string, keys: DangerousKeys): void {
  if (typeof value !== "object" || value === null) return;
  if (Array.isArray(value)) {
    for (const item of value) guardKeys(item, what, keys);
    return;
  }
  for (const key of Object.keys(value)) {
    if (dangerousKeys.has(key)) {
      if (keys === "refuse") throw new InvalidInput(what, `the key ${key}`, "is not allowed");
      delete (value as Record<string, unknown>)[key];
    } else {
      guardKeys((value as Record<string, unknown>)[key], what, keys);
    }
  }
}
