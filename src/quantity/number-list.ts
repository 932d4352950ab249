/**
 * Whole numbers as people type them: "1,16,64", "1..1024*2" (each twice the one before), "512..8192+512" (each 512 more),
 * "1..8" (each one more), and several of these joined with commas.
 */
import { InvalidInput } from "./invalid-input.ts";
import { workloadSize } from "./typed-number.ts";

/** Values that one option may stand for; more is a mistake, and would take memory before anything is computed. */
export const maxListValues = 100_000;

const wants = 'wants numbers and ranges such as "1,16,64", "1..1024*2" or "512..8192+512"';

/**
 * Positive whole numbers, in the order given, each once.
 * @throws InvalidInput naming `field` for an empty list, an item that is no number and no range, a range that runs
 *   backwards or never grows, and more than 100,000 values
 * @example numberList("batch", "1..8*2,100") is [1, 2, 4, 8, 100]
 */
export function numberList(field: string, text: unknown): number[] {
  const values = new Set<number>();
  for (const item of listItems(field, text, wants)) {
    if (item.includes("..")) addRange(field, item, values);
    else values.add(workloadSize(field, item));
    if (values.size > maxListValues) throw tooMany(field, text);
  }
  return [...values];
}

function addRange(field: string, item: string, values: Set<number>): void {
  const match = /^([^.*+]+)\.\.([^.*+]+)(?:([*+])(.+))?$/.exec(item);
  if (match === null) throw new InvalidInput(field, item, wants);
  const [, first = "", last = "", sign = "+", by = "1"] = match;
  const from = workloadSize(field, first);
  const to = workloadSize(field, last);
  const step = workloadSize(field, by);
  if (to < from) throw new InvalidInput(field, item, "a range runs from the smaller number to the larger");
  if (sign === "*" && step < 2) throw new InvalidInput(field, item, "a range's factor is at least 2");
  if (sign === "+" && (to - from) / step >= maxListValues) throw tooMany(field, item);
  for (let value = from; value <= to; value = sign === "*" ? value * step : value + step) values.add(value);
}

/** What stands between a list's commas, trimmed. @throws InvalidInput for an empty one */
export function listItems(field: string, text: unknown, wanted: string): string[] {
  if (typeof text !== "string" && typeof text !== "number") throw new InvalidInput(field, text, wanted);
  const list = String(text)
    .split(",")
    .map((item) => item.trim());
  if (list.includes("")) throw new InvalidInput(field, text, wanted);
  return list;
}

/** The error for a list beyond maxListValues. */
export function tooMany(field: string, text: unknown): InvalidInput {
  return new InvalidInput(field, text, "stands for more than 100,000 values");
}
