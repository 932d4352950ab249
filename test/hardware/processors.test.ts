import { expect, test } from "vitest";
import { parseProcessors } from "../../src/hardware/processors.ts";
import { InvalidInput } from "../../src/quantity/invalid-input.ts";

test("a number of SMs, CUs or cores", () => {
  expect(parseProcessors("132 SMs", "processors.value")).toBe(132);
  expect(parseProcessors("304 CUs", "processors.value")).toBe(304);
  expect(parseProcessors("1 cores", "processors.value")).toBe(1);
  expect(parseProcessors("100000 cores", "processors.value")).toBe(100_000);
});

test.each(["132", "0 SMs", "-1 SMs", "1.5 SMs", "100001 SMs", "132 GB", "132SMs", "SMs", ""])(
  "%j is refused",
  (text) => {
    expect(() => parseProcessors(text, "processors.value")).toThrow(InvalidInput);
    expect(() => parseProcessors(text, "processors.value")).toThrow("invalid processors.value: ");
  },
);
