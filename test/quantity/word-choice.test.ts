import { expect, test } from "vitest";
import { wordChoice } from "../../src/quantity/word-choice.ts";

test("commas between words, and an or before the last", () => {
  expect(wordChoice(["a", "b", "c"])).toBe("a, b or c");
  expect(wordChoice(["a", "b"])).toBe("a or b");
  expect(wordChoice(["a"])).toBe("a");
});
