/** Words to choose from, as a message lists them. @example wordChoice(["a", "b", "c"]) is "a, b or c", of one word that word */
export function wordChoice(words: readonly string[]): string {
  return words.length < 2 ? words.join() : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}
