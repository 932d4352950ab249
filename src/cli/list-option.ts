/** Lists as people type them on a command line; those of numbers are quantity/number-list.ts. */
import { listItems, maxListValues, tooMany } from "../quantity/number-list.ts";

export { maxListValues, numberList } from "../quantity/number-list.ts";

/**
 * Words, trimmed, in the order given, each once.
 * @throws InvalidInput naming `field` for an empty list, an empty item, and more than 100,000 words
 * @example wordList("attention", "mha, gqa:8,mqa") is ["mha", "gqa:8", "mqa"]
 */
export function wordList(field: string, text: unknown): string[] {
  const words = new Set(listItems(field, text, "wants words with commas between them"));
  if (words.size > maxListValues) throw tooMany(field, text);
  return [...words];
}
