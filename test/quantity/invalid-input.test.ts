import { expect, test } from "vitest";
import { InvalidInput } from "../../src/quantity/invalid-input.ts";

test.each<[unknown, string]>([
  [12, "12"],
  ["a b", "a b"],
  ["two\nlines", "two lines"],
  ["", "nothing"],
  [Number.NaN, "NaN"],
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
