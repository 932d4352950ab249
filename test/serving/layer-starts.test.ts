import { describe, expect, test } from "vitest";
import { shippedCalibrations } from "../../src/files/load-calibration.ts";
import { fittedLayerStartSeconds, layerStartRatio, layerStartSeconds } from "../../src/serving/layer-starts.ts";
import { hardwareProfile, modelProfile } from "../fixtures/profiles.ts";

const h100 = hardwareProfile("h100-sxm");
const calibrations = shippedCalibrations();
const ratio = (model: string, hardware = h100): number =>
  layerStartRatio(modelProfile(model), hardware, calibrations, "vllm");

describe("the kernels that a layer starts", () => {
  test("those of the model that the constants were fitted on are the ones written down, within 1 %", () => {
    const seconds = layerStartSeconds(modelProfile("qwen3-32b"), h100, calibrations, "vllm");
    expect(Math.abs(seconds / fittedLayerStartSeconds - 1)).toBeLessThan(0.01);
  });

  test("a layer without norms of queries and keys starts fewer: 0.9 to 0.95 of them", () => {
    expect(ratio("llama-3.1-70b")).toBeGreaterThan(0.9);
    expect(ratio("llama-3.1-70b")).toBeLessThan(0.95);
  });

  test("their number does not depend on how wide the layer is, within 2 %", () => {
    expect(Math.abs(ratio("llama-3.1-8b") / ratio("llama-3.1-70b") - 1)).toBeLessThan(0.02);
  });

  test("experts start more, and latent attention with experts the most", () => {
    expect(ratio("mixtral-8x7b")).toBeGreaterThan(1.5);
    expect(ratio("deepseek-v3")).toBeGreaterThan(ratio("qwen3-235b-a22b"));
  });

  test("a machine whose kernels were not measured has those of its relative, within 5 %", () => {
    expect(Math.abs(ratio("deepseek-v3", hardwareProfile("h200")) / ratio("deepseek-v3") - 1)).toBeLessThan(0.05);
  });
});
