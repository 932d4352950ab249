import { describe, expect, test } from "vitest";
import { type PublishedRun, publishedRun } from "../../../src/validation/published/published-run.ts";
import { engineRow, shippedProfiles } from "../../fixtures/engine-rows.ts";

type Cells = Readonly<Record<string, string | number>>;

function placed(cells: Cells): PublishedRun {
  const run = publishedRun(engineRow(cells), shippedProfiles);
  if (typeof run === "string") throw new Error(run);
  return run;
}

const llamaCpp: Cells = {
  engine: "llama.cpp",
  model: "Llama-2-7B",
  precision: "q4_0",
  kv_dtype: "fp16",
  hardware: "RTX 4090",
  concurrency: 1,
  isl: 0,
  osl: 128,
  stat: "decode tokens/s (tg128)",
  value: 100,
};

describe("what a figure is of", () => {
  test("a throughput of a whole run: 64 answers of 128 tokens at 10,000 a second take 0.8192 s", () => {
    const run = placed({});
    expect(run.part).toBe("run");
    expect(run.seconds).toBeCloseTo(0.8192, 12);
  });

  test("a rate of each of four devices is a quarter of all", () => {
    const run = placed({ metric: "tokens_per_s_per_gpu", value: 2500, devices: 4, tp: 4 });
    expect(run.seconds).toBeCloseTo(0.8192, 12);
  });

  test("a latency is the run's", () => {
    const row = {
      engine: "vLLM (ROCm fork)",
      hardware: "MI300X-192GB-750W",
      model: "Llama 3.1 70B",
      devices: 8,
      tp: 8,
    };
    const run = placed({ ...row, metric: "latency_s", value: 16, stat: "whole generation" });
    expect([run.part, run.seconds, run.engine.id]).toEqual(["run", 16, "vllm-rocm"]);
  });

  test("a decoding rate is one step's", () => {
    const run = placed(llamaCpp);
    expect([run.part, run.seconds, run.engine.id]).toEqual(["decode", 0.01, "llama.cpp-cuda"]);
  });

  test("a prefill rate is that of all tokens of the prompt, a time to first token stands for itself", () => {
    const prompt = {
      ...llamaCpp,
      hardware: "Apple M2 Max 38-core GPU",
      isl: 512,
      osl: 0,
      stat: "prefill tokens/s",
      value: 512,
    };
    expect([placed(prompt).part, placed(prompt).seconds]).toEqual(["prefill", 1]);
    const first = placed({ metric: "ttft_ms", value: 30, concurrency: 1, osl: "" });
    expect([first.part, first.seconds]).toEqual(["prefill", 0.03]);
  });
});

describe("formats", () => {
  test("TensorRT-LLM keeps an FP8 cache beside FP8 weights, and 16 bits beside 16", () => {
    const formats = ({ weights, kvCache, activations }: PublishedRun) => [weights, kvCache, activations];
    expect(formats(placed({}))).toEqual(["fp8", "fp8", "fp8"]);
    expect(formats(placed({ precision: "fp16" }))).toEqual(["fp16", "fp16", "fp16"]);
    expect(formats(placed({ kv_dtype: "fp16" }))).toEqual(["fp8", "fp16", "fp8"]);
  });

  test("weights that vector units widen leave activations and cache in 16 bits", () => {
    const run = placed({ ...llamaCpp, kv_dtype: "" });
    expect([run.weights, run.kvCache, run.activations]).toEqual(["q4_0", "fp16", "fp16"]);
  });

  test("a grouped 4-bit format as both spellings have it; MXFP4 is the experts' alone", () => {
    const fast = { ...llamaCpp, engine: "gpt-fast (PyTorch compile)", hardware: "A100-80GB" };
    expect(placed({ ...fast, precision: "INT4-g32" }).weights).toBe("int4:32");
    expect(placed({ ...fast, precision: "int4:32" }).weights).toBe("int4:32");
    expect(placed({ ...llamaCpp, model: "gpt-oss-20b", precision: "mxfp4" }).weights).toBeNull();
  });
});

test("a chip with fewer cores multiplies as much slower", () => {
  const run = placed({ ...llamaCpp, hardware: "Apple M2 Max 30-core GPU" });
  expect(run.engine.id).toBe("llama.cpp-metal");
  expect(run.hardware.processors).toBe(30);
  expect(run.hardware.peakFlopsPerSecond.fp32).toBeCloseTo((13.49e12 * 30) / 38, 0);
  expect(run.hardware.memoryBandwidthBytesPerSecond).toBe(400e9);
});

test("layers on several devices one after the other are no tensor parallelism", () => {
  const run = placed({ ...llamaCpp, devices: 4, pp: 4, tp: "" });
  expect([run.devices, run.tensorParallel]).toEqual([4, 1]);
});

test.each<[string, Cells]>([
  ["the label names no one machine", { hardware: "Ryzen 9 (Nvidia 4080) [GPU]" }],
  ["no profile of the machine", { hardware: "RTX 3090 Ti" }],
  ["another engine", { engine: "MLC LLM" }],
  ["another engine", { ...llamaCpp, engine: "llama.cpp (Vulkan)" }],
  ["no profile of the model", { model: "CodeLlama-34B" }],
  ["the number format is not stated", { ...llamaCpp, precision: "4-bit" }],
  ["the batch is not stated", { concurrency: "" }],
  ["the lengths are not stated", { isl: "" }],
  ["the lengths are not stated", { osl: "" }],
  ["how the devices share the work is not stated", { devices: 8, tp: "" }],
  ["requests queue: not a fixed batch", { stat: "tokens/s (max load)" }],
  ["prefill kernels of this engine are not modelled", { ...llamaCpp, isl: 512, stat: "prefill tokens/s" }],
])("left out: %s", (reason, cells) => {
  expect(publishedRun(engineRow(cells), shippedProfiles)).toBe(reason);
});
