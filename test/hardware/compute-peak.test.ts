import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { computePeak } from "../../src/hardware/compute-peak.ts";
import type { Hardware } from "../../src/hardware/hardware.ts";
import { hardwareFromProfile } from "../../src/hardware/hardware-profile.ts";
import { parseHardwareProfile } from "../../src/hardware/hardware-profile-schema.ts";
import { InvalidInput } from "../../src/quantity/invalid-input.ts";

function machine(id: string): Hardware {
  const text = readFileSync(new URL(`../../hardware-profiles/${id}.json`, import.meta.url), "utf8");
  return hardwareFromProfile(parseHardwareProfile(JSON.parse(text)));
}

test("a native unit multiplies at its own rate", () => {
  expect(computePeak(machine("h100-sxm"), "bf16")).toEqual({ flopsPerSecond: 989e12, format: "bf16", note: null });
  expect(computePeak(machine("h100-sxm"), "fp8")).toEqual({ flopsPerSecond: 1979e12, format: "fp8", note: null });
});

test("bf16 on a V100, which has only fp16 tensor cores, is widened to fp32 and says so", () => {
  expect(computePeak(machine("v100-sxm-32g"), "bf16")).toEqual({
    flopsPerSecond: 15.7e12,
    format: "fp32",
    note: "Tesla V100 SXM2 32GB has no bf16 peak: bf16 is widened to fp32 and multiplied at the fp32 peak",
  });
  expect(computePeak(machine("v100-sxm-32g"), "fp16").flopsPerSecond).toBe(125e12);
});

describe("a format that must be multiplied natively and has no peak is an error, never a guess", () => {
  test("fp8 on an A100", () => {
    expect(() => computePeak(machine("a100-80g-sxm"), "fp8")).toThrow(
      "invalid activations: fp8 (a100-80g-sxm has no fp8 peak; it has fp32, bf16, fp16, int8)",
    );
  });
  test.each(["int8", "fp4", "fp8"] as const)("%s on an Apple M1", (format) => {
    expect(() => computePeak(machine("apple-m1"), format)).toThrow(InvalidInput);
  });
  test("fp32 and fp64, and 16 bits where not even fp32 is known", () => {
    expect(() => computePeak(machine("tpu-v5e"), "fp32")).toThrow("tpu-v5e has no fp32 peak; it has bf16, int8");
    expect(() => computePeak(machine("h100-sxm"), "fp64")).toThrow(InvalidInput);
    expect(() => computePeak(machine("tpu-v5e"), "fp16")).toThrow("tpu-v5e has no fp16 peak; it has bf16, int8");
  });
  test("a machine without any", () => {
    expect(() => computePeak({ ...machine("t4"), peakFlopsPerSecond: {} }, "bf16")).toThrow("it has no peak at all");
  });
});
