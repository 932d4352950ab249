import { describe, expect, test } from "vitest";
import { evaluateStep, stepPredictor } from "../../src/analysis/predict-step.ts";
import { parseNumberFormat } from "../../src/quantity/number-format.ts";
import { engineFitOf } from "../../src/timing/engine-fits.ts";
import { engineTiming } from "../../src/timing/engine-timing.ts";
import { hardwareProfile, modelProfile } from "../fixtures/profiles.ts";

function llamaCpp(device: string, model: string, weights: string) {
  const hardware = hardwareProfile(device);
  const fit = engineFitOf("llama.cpp", hardware)!;
  const timing = engineTiming(hardware, fit);
  const step = { weights: parseNumberFormat(weights), kvCache: parseNumberFormat("fp16") };
  return { fit, timing, predictor: stepPredictor(modelProfile(model), hardware, { step, timing }) };
}

describe("llama.cpp on one machine", () => {
  // Tokens a second of Llama-2-7B, generating 128: the table of ggml-org/llama.cpp discussion 4167.
  test.each<[string, string, number]>([
    ["apple-m2-ultra", "q4_0", 94.27],
    ["apple-m1-pro", "q8_0", 22.34],
    ["apple-m2-max", "fp16", 24.65],
    ["apple-m3-pro", "q4_0", 30.74],
    ["apple-m3-pro", "fp16", 9.89],
  ])("%s, %s: within its interval of the published rate", (device, weights, rate) => {
    const { predictor } = llamaCpp(device, "llama-2-7b", weights);
    const { interval } = evaluateStep(predictor, { batch: 1, context: 64 });
    expect(interval?.level).toBe(0.9);
    expect(1 / rate).toBeGreaterThan(interval?.low ?? Number.NaN);
    expect(1 / rate).toBeLessThan(interval?.high ?? Number.NaN);
  });

  test("the operations sum to the step, whose parts sum to it too", () => {
    const { predictor } = llamaCpp("rtx-4090", "llama-3-8b", "q4_k_m");
    const time = evaluateStep(predictor, { batch: 1, context: 1024 });
    const sum = time.operationSeconds.reduce((all, each) => all + each, 0);
    expect(sum).toBeCloseTo(time.seconds, 12);
    const parts = Object.values(time.secondsByBound).reduce((all, each) => all + each, 0);
    expect(parts).toBeCloseTo(time.seconds, 9);
    expect(time.seconds).toBeGreaterThan(time.lowerBoundSeconds);
  });

  test("says whose constants it goes by", () => {
    const { timing, fit } = llamaCpp("rtx-4090", "llama-3-8b", "q4_k_m");
    expect(timing.id).toBe("calibrated");
    expect(timing.engine).toBe("llama.cpp");
    expect(timing.calibration).toBe("llama.cpp-cuda");
    expect(timing.notes.some((note) => note.includes(fit.source))).toBe(true);
  });
});

test("attention of a group of 8 runs on matrix units in TensorRT-LLM since 0.8, on vector units before", () => {
  const hardware = hardwareProfile("h100-sxm");
  const fit = engineFitOf("trt-llm", hardware)!;
  const seconds = (model: string, version: string | null): number => {
    const timing = engineTiming(hardware, fit, [], version);
    const predictor = stepPredictor(modelProfile(model), hardware, { timing });
    return evaluateStep(predictor, { batch: 64, context: 2048 }).seconds;
  };
  expect(seconds("llama-2-70b", "0.7.1")).toBeGreaterThan(1.05 * seconds("llama-2-70b", "0.8.0"));
  expect(seconds("llama-2-70b", null)).toBe(seconds("llama-2-70b", "0.9.0"));
  expect(seconds("llama-2-7b", "0.7.1")).toBe(seconds("llama-2-7b", "0.9.0"));
});

test("devices of a pipeline hand over once each step", () => {
  const hardware = hardwareProfile("rtx-3090");
  const fit = engineFitOf("llama.cpp", hardware)!;
  const seconds = (pipeline: number): number => {
    const step = { parallelism: { tensor: 1, pipeline, expert: 1 } };
    const predictor = stepPredictor(modelProfile("llama-3-8b"), hardware, {
      step,
      timing: engineTiming(hardware, fit),
    });
    return evaluateStep(predictor, { batch: 1, context: 512 }).seconds;
  };
  const handOver = fit.constants["stageSeconds"] ?? Number.NaN;
  expect(seconds(4) - seconds(1)).toBeGreaterThanOrEqual(3 * handOver);
  expect(seconds(4) - seconds(1)).toBeLessThan(3 * handOver + 50e-6);
});

test("a measured machine is taken at its ceiling, a datasheet's at the share that others were seen to read", () => {
  const hardware = hardwareProfile("mi300x");
  const fit = engineFitOf("vllm", hardware)!;
  const seconds = (machine: typeof hardware): number => {
    const predictor = stepPredictor(modelProfile("llama-3.1-8b"), machine, { timing: engineTiming(machine, fit) });
    return evaluateStep(predictor, { batch: 1, context: 128 }).seconds;
  };
  const bytesPerSecond = hardware.memoryBandwidthBytesPerSecond * fit.readShare;
  const measured = { ...hardware, basis: "measured" as const, memoryBandwidthBytesPerSecond: bytesPerSecond };
  expect(seconds(measured)).toBeCloseTo(seconds(hardware), 12);
});
