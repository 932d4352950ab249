import { expect, test } from "vitest";
import { nearestName } from "../../src/quantity/nearest-name.ts";

const devices = ["h100-pcie", "h100-sxm", "h200", "mi300x", "rtx-4090"];

test("a name without its hyphen, with a letter changed or two swapped finds the device", () => {
  expect(nearestName("h100sxm", devices)).toBe("h100-sxm");
  expect(nearestName("H100_SXM", devices)).toBe("h100-sxm");
  expect(nearestName("mi300y", devices)).toBe("mi300x");
  expect(nearestName("rxt-4090", devices)).toBe("rtx-4090");
  expect(nearestName("bacth", ["batch", "context"])).toBe("batch");
  expect(nearestName("bahtc", ["batch", "context"])).toBeNull();
});

test("a name that is like none gets no suggestion", () => {
  expect(nearestName("toaster", devices)).toBeNull();
  expect(nearestName("", devices)).toBeNull();
  expect(nearestName("x", [])).toBeNull();
  expect(nearestName("h".repeat(101), devices)).toBeNull();
  expect(nearestName("---", ["h200"])).toBeNull();
});

test("of two as near, the first stands", () => {
  expect(nearestName("h300", ["h100", "h200"])).toBe("h100");
});
