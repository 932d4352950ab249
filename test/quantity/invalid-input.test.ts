import { expect, test } from "vitest";
import { InvalidInput, quoted } from "../../src/quantity/invalid-input.ts";

test.each<[unknown, string]>([
  [12, "12"],
  ["a b", "a b"],
  ["two\nlines", "two lines"],
  ["", "nothing"],
  [Number.NaN, "not a number"],
  [Number.POSITIVE_INFINITY, "a number too large"],
  [Number.NEGATIVE_INFINITY, "a number too far below 0"],
  ["a\u001b[31mb\u202e", "a\\x1b[31mb\\u202e"],
  [null, "null"],
  [undefined, "undefined"],
  [{ a: [1, 2] }, '{"a":[1,2]}'],
  ["x".repeat(60), "x".repeat(60)],
  ["x".repeat(61), `${"x".repeat(57)}...`],
])("%j is one short line", (value, printed) => {
  const error = new InvalidInput("kvHeads", value, "must divide heads 32");
  expect(error.message).toBe(`invalid kvHeads: ${printed} (must divide heads 32)`);
  expect(error).toMatchObject({ code: "INVALID_INPUT", field: "kvHeads", value });
});

test("a text in a number's place stands in quotes where the caller asks for it", () => {
  expect(new InvalidInput("layers", "32", "wants an integer", quoted("32")).message).toBe(
    'invalid layers: "32" (wants an integer)',
  );
  expect(quoted(32)).toBe("32");
  expect(quoted("")).toBe('""');
});

test("a field's name from a file cannot reach the terminal raw", () => {
  expect(new InvalidInput("a\u009bb", 1, "wants\u0007 none").message).toBe("invalid a\\x9bb: 1 (wants\\x07 none)");
});
