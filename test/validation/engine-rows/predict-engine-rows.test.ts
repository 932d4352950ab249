import { describe, expect, it } from "vitest";
import { labelledProfiles } from "../../../src/files/labelled-profiles.ts";
import { shippedCalibrations } from "../../../src/files/load-calibration.ts";
import type { Hardware } from "../../../src/hardware/hardware.ts";
import { type MeasurementTable, readMeasurementTable } from "../../../src/measurement/measurement-table.ts";
import { predictEngineRows } from "../../../src/validation/engine-rows/predict-engine-rows.ts";
import type { PredictedRun } from "../../../src/validation/engine-rows/predicted-run.ts";
import { measuredH100 } from "../../fixtures/measurements.ts";
import { hardwareProfile } from "../../fixtures/profiles.ts";

const columns = [
  ...["engine", "engine_version", "model", "precision", "hardware", "devices", "tp", "pp", "ep"],
  ...["concurrency", "isl", "osl", "metric", "value", "stat", "note"],
] as const;
type Cells = Partial<Record<(typeof columns)[number], string | number>>;

const usual: Cells = {
  ...{ engine: "vllm", engine_version: "0.12.0", model: "llama-3.1-8b", precision: "bf16", hardware: "H100 SXM" },
  ...{ devices: 1, tp: 1, pp: 1, concurrency: 16, isl: 1000, osl: 200, metric: "tpot_ms", value: 20, stat: "mean" },
};

function tableOf(...rows: readonly Cells[]): MeasurementTable {
  const lines = rows.map((cells) => columns.map((column) => ({ ...usual, ...cells })[column] ?? "").join(","));
  return readMeasurementTable(`${columns.join(",")}\n${lines.join("\n")}\n`, "runs.csv");
}

function predicted(table: MeasurementTable, hardware: Hardware | null = null) {
  const { runs, notes } = predictEngineRows([table], hardware, labelledProfiles(), shippedCalibrations());
  const found = table.rows.map((row) => (row.kind === "engine" ? runs.get(row) : undefined));
  return { found, notes };
}

/** The only row's prediction. */
function one(cells: Cells, hardware: Hardware | null = null): PredictedRun {
  const { found, notes } = predicted(tableOf(cells), hardware);
  if (found[0] === undefined) throw new Error(notes.join());
  return found[0];
}

function secondsOf(cells: Cells, hardware: Hardware | null = null): number {
  return one(cells, hardware).prediction.seconds;
}

describe("rows of serving engines", () => {
  const first = secondsOf({ metric: "ttft_ms", value: 300 });
  const token = secondsOf({});

  it("are predicted on the machine and model that they name", () => {
    expect(one({}).names).toEqual({ engine: "vllm", machine: "h100-sxm", model: "llama-3.1-8b" });
    // 16 GB of weights at 3.35 TB/s are 4.8 ms; with cache, prompts of others and the engine's own not thrice that.
    expect(token).toBeGreaterThan(4.8e-3);
    expect(token).toBeLessThan(15e-3);
  });

  it("tell of a request's latency and of throughput what they tell of its tokens", () => {
    const latency = first + 199 * token;
    expect(secondsOf({ metric: "latency_s", value: 3 })).toBeCloseTo(latency, 9);
    // As the time of a token of each client: 16 clients × 200 tokens in a latency.
    expect(secondsOf({ metric: "tokens_per_s_total", value: 1000 })).toBeCloseTo(latency / 200, 9);
    expect(secondsOf({ metric: "tokens_per_s_per_gpu", value: 1000 })).toBeCloseTo(latency / 200, 9);
  });

  it("have the same prediction whatever was measured", () => {
    expect(secondsOf({ value: 40 })).toBe(token);
  });

  it("lie in an interval, wider on a machine that the constants did not see", () => {
    const width = ({ prediction: { interval, seconds } }: PredictedRun): number =>
      interval === null ? 0 : (interval.high - interval.low) / seconds;
    const own = one({});
    expect(own.prediction.interval?.low).toBeLessThan(token);
    expect(own.prediction.interval?.high).toBeGreaterThan(token);
    expect(width(one({ hardware: "NVIDIA H200" }))).toBeGreaterThan(width(own));
  });

  it("wait where the memory does not hold all requests at once", () => {
    const load = { model: "llama-3.1-70b", precision: "fp8", isl: 8000, osl: 1000, metric: "ttft_ms", value: 1e5 };
    expect(secondsOf({ ...load, concurrency: 64 })).toBeGreaterThan(50 * secondsOf({ ...load, concurrency: 1 }));
  });

  it.each<[string, Cells]>([
    ["the concurrency is not stated", { concurrency: "" }],
    ["the lengths are not stated", { isl: 0 }],
    ["the lengths are not stated", { osl: "" }],
    ["a pipeline of a serving engine is not modelled", { pp: 2, devices: 2 }],
    ["how the devices share the work is not stated", { devices: 4, tp: 2 }],
    ["a percentile: means and medians are predicted", { stat: "p99" }],
    [
      "its tokens count those of prompts, or may",
      { metric: "tokens_per_s_total", value: 900, stat: "prompt and output tokens" },
    ],
    [
      "prefill rates of a serving engine are not modelled",
      { metric: "tokens_per_s_total", value: 900, stat: "prefill" },
    ],
    ["the number format is not known", { precision: "mystery" }],
    ["a version of vLLM that launched its kernels one by one", { engine_version: "0.2.1" }],
    ["no profile of the model", { model: "nobody's-7b" }],
    ["no profile of the machine", { hardware: "Abacus 9000" }],
    ["the row names no machine: --hardware says which", { hardware: "" }],
    ["an engine without constants on such a machine", { engine: "homemade" }],
    ["an engine without constants on such a machine", { hardware: "Apple M2" }],
    ["impossible: faster than the datasheet's bandwidth or peak allows", { value: 4 }],
    ["the figure is not above 0", { value: 0 }],
  ])("are left out where %s", (reason, cells) => {
    expect(predicted(tableOf(cells)).notes).toEqual([`1 row of an engine is not predicted: ${reason}`]);
  });

  it("faster than weights and caches together can be read are left out", () => {
    // The weights alone take 4.8 ms; the caches of 256 requests, which 64 decode at a time, many times that.
    const { notes } = predicted(tableOf({ concurrency: 256, isl: 2000, osl: 2000, value: 6 }, { value: 0 }));
    expect(notes).toEqual([
      "1 row of an engine is not predicted: the figure is not above 0",
      "1 row of an engine is not predicted: impossible: weights and caches can't be read so fast",
    ]);
  });
});

describe("the machine of --hardware", () => {
  it("stands in where a row names none", () => {
    expect(one({ hardware: "" }, hardwareProfile("h200")).names.machine).toBe("h200");
  });

  it("stands for no other machine", () => {
    expect(one({}, hardwareProfile("h200")).names.machine).toBe("h100-sxm");
    expect(predicted(tableOf({}), hardwareProfile("h200")).notes).toEqual([
      "1 row of an engine is of other machines than h200: each is predicted on its own",
    ]);
    expect(predicted(tableOf({}), hardwareProfile("h100-sxm")).notes).toEqual([]);
  });

  it("gives its measured ceilings to rows that name it, and to no others", () => {
    const cells = { engine: "llama.cpp", concurrency: 1, isl: 0, osl: 128, stat: "decode" };
    const slow: Hardware = { ...hardwareProfile("rtx-4090"), basis: "measured", memoryBandwidthBytesPerSecond: 500e9 };
    const onOne = (hardware: string, given: Hardware | null): number => secondsOf({ ...cells, hardware }, given);
    expect(onOne("RTX 4090", slow)).toBeGreaterThan(1.5 * onOne("RTX 4090", null));
    expect(onOne("RTX 3090", slow)).toBe(onOne("RTX 3090", null));
    // The very ceilings that its fit is relative to.
    expect(secondsOf({}, measuredH100())).toBeCloseTo(secondsOf({}), 9);
  });

  it("of a user's own is known by its name", () => {
    const own: Hardware = { ...hardwareProfile("h100-sxm"), id: "abacus-9000", name: "Abacus 9000" };
    expect(one({ hardware: "Abacus 9000" }, own).names.machine).toBe("abacus-9000");
  });
});

describe("rows of engines with a fixed batch", () => {
  it("take the constants of the version: TensorRT-LLM before 1.0 a fixed batch, from 1.0 on a steady load", () => {
    const cells = { engine: "TensorRT-LLM", precision: "fp8" };
    expect(one({ ...cells, engine_version: "0.9.0" }).names.engine).toBe("trt-llm, fixed batch");
    expect(one({ ...cells, engine_version: "1.0.0" }).names.engine).toBe("trt-llm");
    expect(one({ ...cells, engine_version: "0.9.0" }).prediction.interval).not.toEqual(
      one({ ...cells, engine_version: "1.0.0" }).prediction.interval,
    );
  });

  it("know a back end by the spelling of its source", () => {
    const cells = { engine: "llama.cpp", hardware: "RTX 4090", concurrency: 1, isl: 0, osl: 128, value: 60 };
    expect(one(cells).names.engine).toBe("llama.cpp-cuda");
    expect(one({ ...cells, hardware: "Apple M2 Max" }).names.engine).toBe("llama.cpp-metal");
    expect(predicted(tableOf({ ...cells, engine: "llama.cpp (Vulkan)" })).notes[0]).toMatch(/without constants/);
  });

  it("that no model can run so are left out, in the words of whoever refuses them", () => {
    for (const engine_version of ["0.9.0", "1.0.0"]) {
      const cells = { engine: "TensorRT-LLM", engine_version, precision: "fp8", devices: 3, tp: 3 };
      expect(predicted(tableOf(cells)).notes[0], engine_version).toMatch(/not predicted: invalid .*3/);
    }
  });

  it("know a back end by the kernels that a row names", () => {
    const cells = { engine: "llama.cpp", hardware: "RTX 4090", concurrency: 1, isl: 0, osl: 128, value: 60 };
    const named = (kernel: string): MeasurementTable => {
      const table = tableOf(cells);
      return { ...table, rows: table.rows.map((row) => ({ ...row, kernel })) };
    };
    expect(predicted(named("CUDA")).found[0]?.names.engine).toBe("llama.cpp-cuda");
    for (const kernel of ["Vulkan", "CPU", "BLAS,CPU"])
      expect(predicted(named(kernel)).notes[0], kernel).toMatch(/without constants/);
  });

  it("that queue are left out", () => {
    const cells = {
      hardware: "MI300X",
      devices: 8,
      tp: 8,
      metric: "tokens_per_s_total",
      value: 9000,
      stat: "max load",
    };
    expect(predicted(tableOf(cells)).notes).toEqual([
      "1 row of an engine is not predicted: requests queue: not a fixed batch",
    ]);
  });
});
