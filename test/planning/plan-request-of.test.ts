import { describe, expect, it } from "vitest";
import type { PlanFile } from "../../src/planning/plan-file.ts";
import { planRequestOf } from "../../src/planning/plan-request-of.ts";

const least: PlanFile = { model: "llama-3.1-8b", workload: { rate: 8, input: 1000, output: 300 } };

describe("planRequestOf", () => {
  it("puts defaults where nothing was said", () => {
    const request = planRequestOf(least);
    expect(request).toMatchObject({
      model: { kind: "built-in", id: "llama-3.1-8b" },
      workload: {
        kind: "rate",
        arrivals: { kind: "poisson", requestsPerSecond: 8 },
        input: { text: "1000 tokens" },
        output: { text: "300 tokens" },
        sharedPrefix: 0,
      },
      objectives: { ttftSeconds: null, tpotSeconds: null, endToEndSeconds: null, share: 0.95 },
      prices: {},
      whatIf: [],
      simulation: { requests: 10_000, seed: 1, best: 3 },
    });
    expect(request.candidates).toEqual({
      hardware: ["h100-sxm"],
      mostDevices: null,
      deviceCounts: null,
      weights: [null],
      kvCaches: [null],
      activations: null,
      engine: null,
      engineVersion: null,
      tensorParallel: null,
      pipelineParallel: null,
      expertParallel: null,
      replicas: null,
      separatePrefill: "auto",
      speculative: null,
      maxSequences: null,
      stepTokens: null,
    });
    expect(request.limits).toEqual({
      powerWatts: null,
      devicesPerNode: null,
      nodeLinkBytesPerSecond: null,
      costPerHour: null,
      owned: [],
      memoryShare: null,
      utilization: null,
    });
  });

  it("reads every unit into SI", () => {
    const request = planRequestOf({
      config: "config.json",
      workload: {
        rate: "480/min",
        input: "100..2000",
        output: { exponential: { mean: 300 } },
        burstiness: 2,
        sharedPrefix: 0.25,
      },
      objectives: { ttft: "500ms", tpot: 0.04, endToEnd: "1min", percentile: 99.9 },
      candidates: {
        hardware: "h100-sxm, h200",
        devices: 64,
        weights: ["published", "fp8"],
        kvCache: "auto,fp8",
        activations: "bf16",
        engine: "sglang",
        engineVersion: "0.5.1",
        tensorParallel: "1..8*2",
        pipelineParallel: [1, 2],
        expertParallel: 1,
        replicas: [1, "2..4"],
        separatePrefill: "never",
        speculative: { tokens: 4, acceptance: 0.7, draft: "llama-3.2-1b" },
        maxSequences: 256,
        stepTokens: 2048,
      },
      prices: { "h100-sxm": "2.5 USD/h", h200: 3.5 },
      limits: {
        power: "50 kW",
        devicesPerNode: 8,
        nodeLink: "400 Gb/s",
        costPerHour: 100,
        owned: { h200: 16, "h100-sxm": { count: 8, region: "eu-west" } },
        memoryShare: 0.9,
        utilization: 0.8,
      },
      whatIf: "kv-heads=1,kv-cache=int8",
      simulate: { requests: 500, seed: 0, best: 0 },
    });
    expect(request).toMatchObject({
      model: { kind: "file", path: "config.json" },
      workload: { arrivals: { kind: "bursty", requestsPerSecond: 8, cv: 2 }, sharedPrefix: 0.25 },
      objectives: { ttftSeconds: 0.5, tpotSeconds: 0.04, endToEndSeconds: 60, share: 0.999 },
      candidates: {
        hardware: ["h100-sxm", "h200"],
        mostDevices: 64,
        deviceCounts: null,
        weights: [null, { id: "fp8" }],
        kvCaches: [null, { id: "fp8" }],
        activations: { id: "bf16" },
        engine: "sglang",
        engineVersion: "0.5.1",
        tensorParallel: [1, 2, 4, 8],
        pipelineParallel: [1, 2],
        expertParallel: [1],
        replicas: [1, 2, 3, 4],
        separatePrefill: "never",
        speculative: { tokens: 4, acceptance: 0.7, draft: "llama-3.2-1b" },
      },
      prices: { "h100-sxm": 2.5, h200: 3.5 },
      limits: {
        powerWatts: 50_000,
        devicesPerNode: 8,
        nodeLinkBytesPerSecond: 50e9,
        costPerHour: 100,
        memoryShare: 0.9,
        utilization: 0.8,
      },
      whatIf: ["kv-heads=1", "kv-cache=int8"],
      simulation: { requests: 500, seed: 0, best: 0 },
    });
    expect(request.limits.owned).toEqual([
      { hardware: "h200", count: 16, region: null },
      { hardware: "h100-sxm", count: 8, region: "eu-west" },
    ]);
  });

  it("takes one number of devices as the most, a list and a range as all there may be", () => {
    const devicesOf = (devices: NonNullable<PlanFile["candidates"]>["devices"] & {}) => {
      const { mostDevices, deviceCounts } = planRequestOf({ ...least, candidates: { devices } }).candidates;
      return [mostDevices, deviceCounts];
    };
    expect(devicesOf("16")).toEqual([16, null]);
    expect(devicesOf([8, 16])).toEqual([16, [8, 16]]);
    expect(devicesOf("4..16*2")).toEqual([16, [4, 8, 16]]);
    expect(devicesOf("8,4")).toEqual([8, [8, 4]]);
  });

  it("takes what is owned for the candidates where none are named", () => {
    const limits = { owned: { h200: 8, mi300x: 8 } };
    expect(planRequestOf({ ...least, limits }).candidates.hardware).toEqual(["h200", "mi300x"]);
    expect(planRequestOf({ ...least, limits, candidates: { hardware: "a10" } }).candidates.hardware).toEqual(["a10"]);
  });

  it.each<[Partial<PlanFile>, string]>([
    [{ config: "x.json" }, "invalid config: x.json (wants no model beside it, and model is llama-3.1-8b)"],
    [{ model: undefined as never }, "invalid model: missing (wants a model's name, or config with a file)"],
    [{ objectives: { ttft: "2s", endToEnd: "1s" } }, "invalid endToEnd: 1 (contradicts ttft 2 s"],
    [{ objectives: { ttft: 0 } }, "invalid ttft: 0 "],
    [{ objectives: { ttft: "-5ms" } }, "invalid ttft: -5ms "],
    [{ objectives: { tpot: "fast" } }, 'invalid tpot: fast (wants a time such as "90s", "2min" or "500ms")'],
    [{ objectives: { tpot: Number.POSITIVE_INFINITY } }, "invalid tpot: a number too large"],
    [{ objectives: { percentile: 49.9 } }, "invalid percentile: 49.9 (wants 50 to 99.9)"],
    [{ objectives: { percentile: 99.95 } }, "invalid percentile: 99.95"],
    [{ objectives: { percentile: 0.95 } }, "invalid percentile: 0.95"],
    [{ prices: { h200: 0 } }, "invalid prices.h200: 0 (wants US dollars an hour, more than zero"],
    [{ prices: { h200: "0 USD/h" } }, "invalid prices.h200: 0 USD/h (wants a price"],
    [{ prices: { h200: -2.5 } }, "invalid prices.h200: -2.5 "],
    [{ prices: { h200: "-2.5" } }, "invalid prices.h200: -2.5 "],
    [{ prices: { h200: "2.5 EUR/h" } }, "invalid prices.h200: 2.5 EUR/h "],
    [{ prices: { h200: Number.NaN } }, "invalid prices.h200: not a number"],
    [{ limits: { power: 0 } }, "invalid power: 0 (wants watts, more than zero"],
    [{ limits: { power: "50 kg" } }, "invalid power: 50 kg (wants a power"],
    [{ limits: { nodeLink: "400" } }, "invalid nodeLink: 400 (wants a bandwidth"],
    [{ limits: { costPerHour: 0 } }, "invalid costPerHour: 0"],
    [{ limits: { owned: { h200: 0 } } }, "invalid owned.h200: 0 (wants a positive whole number"],
    [{ limits: { memoryShare: 1.1 } }, "invalid memoryShare: 1.1"],
    [{ limits: { utilization: 0 } }, "invalid utilization: 0"],
    [{ candidates: { engine: "vlm" } }, "did you mean vllm?"],
    [
      { candidates: { engineVersion: "new" } },
      'invalid engineVersion: new (wants the engine\'s version, such as "0.9.0"',
    ],
    [{ candidates: { weights: "fp9" } }, "invalid weights: fp9"],
    [{ candidates: { kvCache: ["fp8", "x"] } }, "invalid kvCache: x"],
    [{ candidates: { devices: 0 } }, "invalid devices: 0"],
    [{ candidates: { devices: "8..4" } }, "invalid devices: 8..4"],
    [{ candidates: { tensorParallel: [0] } }, "invalid tensorParallel: 0"],
    [{ candidates: { speculative: { tokens: 0, acceptance: 0.5 } } }, "invalid speculative.tokens: 0"],
    [{ candidates: { speculative: { tokens: 4, acceptance: 1 } } }, "invalid speculative.acceptance: 1"],
    [{ simulate: { requests: 0 } }, "invalid requests: 0"],
    [{ simulate: { seed: -1 } }, "invalid seed: -1"],
  ])("refuses %j", (change, message) => {
    expect(() => planRequestOf({ ...least, ...change })).toThrow(message);
  });
});
