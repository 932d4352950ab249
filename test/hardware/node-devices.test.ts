import { expect, test } from "vitest";
import { parseNodeDevices } from "../../src/hardware/node-devices.ts";
import { InvalidInput } from "../../src/quantity/invalid-input.ts";

test("a whole number of 1 to 100,000", () => {
  expect(parseNodeDevices("8", "node.devices.value")).toBe(8);
  expect(parseNodeDevices("1", "node.devices.value")).toBe(1);
  expect(parseNodeDevices("100000", "node.devices.value")).toBe(100_000);
});

test.each(["0", "-8", "8.5", "100001", "8 GPUs", "08", "1e3", ""])("%j is refused", (text) => {
  expect(() => parseNodeDevices(text, "node.devices.value")).toThrow(InvalidInput);
  expect(() => parseNodeDevices(text, "node.devices.value")).toThrow("invalid node.devices.value: ");
});
