/** Numbers as people type them: "1e3", "4_096", "0.5". */
import { InvalidInput } from "./invalid-input.ts";

/** The number that a text stands for, or a number itself; NaN for anything else, and Infinity for "1e400". */
export function typedNumber(text: unknown): number {
  if (typeof text === "number") return text;
  if (typeof text !== "string" || !/^\s*[+-]?(\d[\d_]*\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(text)) return Number.NaN;
  return Number(text.replaceAll("_", ""));
}

/** No batch, context or prompt comes near it, and what is computed from it stays far from a double's limits. */
const largestWorkload = 1_000_000_000_000;

/** A positive whole number up to 10^12: requests, tokens, rows. @throws InvalidInput naming the field */
export function workloadSize(field: string, text: unknown): number {
  const value = typedNumber(text);
  if (Number.isInteger(value) && value > 0 && value <= largestWorkload) return value;
  throw new InvalidInput(field, text, "wants a positive whole number up to 1,000,000,000,000");
}
