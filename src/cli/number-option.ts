/** Numbers as people type them on a command line, checked before anything is computed. */
import { InvalidInput } from "../quantity/invalid-input.ts";
import { typedNumber } from "../quantity/typed-number.ts";
import { wordChoice } from "../quantity/word-choice.ts";

export { workloadSize } from "../quantity/typed-number.ts";

/**
 * A positive whole number up to 2^53 − 1; "1e3" and "4_096" are read, "1.5", "0", "-1", "NaN" and "1e400" are refused.
 * @throws InvalidInput naming the field
 */
export function positiveInteger(field: string, text: unknown): number {
  const value = typedNumber(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new InvalidInput(field, text, "wants a positive whole number");
}

/** A finite number above 0. @throws InvalidInput naming the field */
export function positiveNumber(field: string, text: unknown): number {
  const value = typedNumber(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new InvalidInput(field, text, "wants a number above 0");
}

/** A share above 0 and at most 1. @throws InvalidInput naming the field */
export function share(field: string, text: unknown): number {
  const value = typedNumber(text);
  if (value > 0 && value <= 1) return value;
  throw new InvalidInput(field, text, "wants a number above 0 and at most 1");
}

/** One of the words given. @throws InvalidInput listing them */
export function oneOf<const Word extends string>(field: string, text: unknown, words: readonly Word[]): Word {
  const word = words.find((each) => each === text);
  if (word !== undefined) return word;
  throw new InvalidInput(field, text, `wants ${words.length > 1 ? wordChoice(words) : `only ${words[0]} so far`}`);
}
