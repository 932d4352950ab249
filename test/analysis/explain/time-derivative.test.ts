/** Derivatives of step time against central finite differences, and at exact ties. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parameterNames, type StepSetup, stepParameters } from "../../../src/analysis/explain/step-parameters.ts";
import { timeDerivative } from "../../../src/analysis/explain/time-derivative.ts";
import { operationCeilings } from "../../../src/analysis/operation-ceilings.ts";
import { stepPredictor } from "../../../src/analysis/predict-step.ts";
import type { Model } from "../../../src/architecture/model.ts";
import { singleDevice } from "../../../src/architecture/shard.ts";
import { computePeak } from "../../../src/hardware/compute-peak.ts";
import type { Hardware } from "../../../src/hardware/hardware.ts";
import { emptyCounts, type StepPoint } from "../../../src/operations/operation.ts";
import { InvalidInput } from "../../../src/quantity/invalid-input.ts";
import { defaultStepOptions, type StepOptions } from "../../../src/step/step-options.ts";
import { planStep } from "../../../src/step/step-plan.ts";
import { anyHardware, anyModel } from "../../fixtures/arbitrary.ts";
import { hardwareProfile, modelProfile } from "../../fixtures/profiles.ts";

const llama = modelProfile("llama-2-7b");
const h100 = hardwareProfile("h100-sxm");
const setupOf = (model: Model, batch: number, context: number, options: Partial<StepOptions> = {}): StepSetup => ({
  model,
  options: { ...defaultStepOptions, ...options },
  workload: { batch, context },
});

/** Seconds, and what binds each operation, with batch and context that need not be whole: counted without the step's own checks. */
function timed({ model, options, workload }: StepSetup, hardware: Hardware): { seconds: number; binds: string } {
  const plan = planStep(model, options);
  const prefill = options.phase === "prefill";
  const { batch, context } = workload;
  const queryTokens = workload.queryTokens ?? (prefill ? context : 1);
  const point: StepPoint = {
    requests: batch,
    sequences: batch,
    queryTokens,
    context,
    sourceContext: 0,
    tokens: batch * queryTokens,
    logitsTokens: prefill ? batch : batch * queryTokens,
  };
  let seconds = 0;
  let binds = "";
  for (const { definition, shape, instances, computeFormat } of plan.operations) {
    const c = emptyCounts();
    definition.count(shape, point, c);
    const times = [
      (c.weightBytes + c.kvBytes + c.activationBytes) / hardware.memoryBandwidthBytesPerSecond,
      c.flops / computePeak(hardware, computeFormat).flopsPerSecond,
      c.linkBytes / (hardware.link?.bytesPerSecond ?? 1),
    ];
    const largest = Math.max(...times);
    seconds += instances * largest;
    binds += times.indexOf(largest);
  }
  return { seconds, binds };
}

/** The setup and machine with a parameter moved. */
function moved(setup: StepSetup, hardware: Hardware, name: string, value: number, at: number): [StepSetup, Hardware] {
  const parameter = stepParameters[name];
  if (parameter !== undefined) return [parameter.at(setup, value), hardware];
  const factor = value / at;
  const peaks = Object.entries(hardware.peakFlopsPerSecond).map(([format, peak]) => [format, peak * factor]);
  return [
    setup,
    {
      ...hardware,
      ...(name === "bandwidth" ? { memoryBandwidthBytesPerSecond: value } : {}),
      ...(name === "peak" ? { peakFlopsPerSecond: Object.fromEntries(peaks) } : {}),
      ...(name === "link" ? { link: { name: "link", bytesPerSecond: value } } : {}),
    },
  ];
}

function expectAgreement(setup: StepSetup, hardware: Hardware, name: string): boolean {
  let result: ReturnType<typeof timeDerivative>;
  try {
    result = timeDerivative(setup, hardware, name);
  } catch (error) {
    // Layers that differ in a dimension have no one value of it.
    if (error instanceof InvalidInput) return false;
    throw error;
  }
  const { at, derivative, seconds, right, left } = result;
  const here = timed(setup, hardware);
  expect(seconds / here.seconds).toBeCloseTo(1, 12);
  const step = 1e-5 * at;
  const above = timed(...moved(setup, hardware, name, at + step, at));
  const below = timed(...moved(setup, hardware, name, at - step, at));
  const noise = (1e-10 * seconds) / at;
  const close = (difference: number, value: number, relative: number): void =>
    expect(Math.abs(difference - value), `${name} ${difference} ${value}`).toBeLessThanOrEqual(
      relative * Math.abs(value) + noise,
    );
  if (derivative !== null && above.binds === below.binds) {
    close((above.seconds - below.seconds) / (2 * step), derivative, 1e-6);
    return true;
  }
  if (derivative === null && above.binds === here.binds && below.binds === here.binds) {
    // One-sided quotients are off by half a step of curvature, and say nothing across a jump.
    if (result.operations.some((o) => o.jump)) return false;
    close((above.seconds - here.seconds) / step, right, 1e-3);
    close((here.seconds - below.seconds) / step, left, 1e-3);
  }
  return false;
}

describe("timeDerivative agrees with central differences", () => {
  it.each(parameterNames)("of a real model by %s", (name) => {
    for (const [batch, context, options] of [
      [1, 2048, {}],
      [64, 4096, {}],
      [700, 100, {}],
      [2, 500, { phase: "prefill" as const }],
      [8, 1000, { attentionKernel: "materialized" as const, cacheUpdate: "concat" as const }],
    ] as const) {
      expect(expectAgreement(setupOf(llama, batch, context, options), h100, name)).toBe(true);
    }
  });

  it("of a mixture of experts, where the batch stands in an exponent", () => {
    const setup = setupOf(modelProfile("qwen3-30b-a3b"), 37, 3000);
    for (const name of ["batch", "context", "kv-heads", "d-ff", "bandwidth"])
      expect(expectAgreement(setup, h100, name), name).toBe(true);
  });

  it("of layers whose operations are one here and come apart beside: Qwen3.5's output projections of 4096", () => {
    const setup = setupOf(modelProfile("qwen3.5-35b-a3b"), 8, 3000);
    for (const name of ["head-dim", "kv-heads", "d-model"]) expect(expectAgreement(setup, h100, name), name).toBe(true);
    const names = timeDerivative(setup, h100, "head-dim").operations.map((o) => o.name);
    expect(names.filter((name) => name.endsWith(": output projection"))).toHaveLength(2);
    expect(timeDerivative(setup, h100, "batch").operations.map((o) => o.name)).toContain("output projection");
  });

  it("of several devices", () => {
    const setup = setupOf(llama, 16, 2000, { parallelism: { ...singleDevice, tensor: 4 } });
    for (const name of ["context", "bandwidth", "link", "peak"])
      expect(expectAgreement(setup, h100, name), name).toBe(true);
    expect(timeDerivative(setup, h100, "link").derivative).toBeLessThan(0);
  });

  it("of random models on random machines", { timeout: 120_000 }, () => {
    let compared = 0;
    const one = anyModel.map(
      (model): Model => ({
        ...model,
        decoder: { kinds: model.decoder.kinds.slice(0, 1), order: model.decoder.order.map(() => 0) },
      }),
    );
    const options = fc.constantFrom<Partial<StepOptions>>(
      {},
      {},
      { phase: "prefill" },
      { cacheUpdate: "concat", attentionKernel: "materialized" },
    );
    fc.assert(
      fc.property(
        fc.oneof(anyModel, one),
        anyHardware,
        fc.integer({ min: 2, max: 400 }),
        fc.integer({ min: 3, max: 5000 }),
        options,
        fc.constantFrom(...parameterNames),
        (model, hardware, batch, context, step, name) => {
          if (expectAgreement(setupOf(model, batch, context, step), hardware, name)) compared += 1;
        },
      ),
      { numRuns: 60 },
    );
    expect(compared).toBeGreaterThan(20);
  });
});

describe("timeDerivative", () => {
  it("has elasticities that add up over the machine's rates", () => {
    const setup = setupOf(llama, 300, 2000);
    const sum = (["bandwidth", "peak", "link"] as const).map((name) => timeDerivative(setup, h100, name).elasticity!);
    expect(sum[0]! + sum[1]! + sum[2]!).toBeCloseTo(-1, 12);
  });

  it("gives both sides where an operation stands exactly on its ridge point", () => {
    const setup = setupOf(llama, 64, 1000);
    const plain = operationCeilings(
      stepPredictor(llama, { ...h100, memoryBandwidthBytesPerSecond: 1, peakFlopsPerSecond: { bf16: 1 } }),
      setup.workload,
    );
    const index = planStep(llama, setup.options).operations.findIndex(({ name }) => name === "feed-forward up");
    const { memorySeconds: bytes, computeSeconds: flops } = plain[index]!;
    // One second for its bytes, one for its FLOPs.
    const tied = { ...h100, memoryBandwidthBytesPerSecond: bytes, peakFlopsPerSecond: { bf16: flops } };
    for (const name of ["bandwidth", "peak", "batch"]) {
      const result = timeDerivative(setup, tied, name);
      const operation = result.operations[index]!;
      expect(operation.seconds).toBe(1);
      expect(operation.tie).toBe(true);
      expect(result.derivative).toBeNull();
      expect(result.elasticity).toBeNull();
      if (name === "bandwidth") {
        expect(operation.right).toMatchObject({ binds: "compute", value: 0 });
        expect(operation.left).toMatchObject({ binds: "memory" });
        expect(operation.left.value * bytes).toBeCloseTo(-1, 12);
      }
      if (name === "peak") {
        expect(operation.right).toMatchObject({ binds: "memory", value: 0 });
        expect(operation.left).toMatchObject({ binds: "compute" });
        expect(operation.left.value * flops).toBeCloseTo(-1, 12);
      }
      if (name === "batch") {
        expect([operation.right.binds, operation.left.binds]).toEqual(["compute", "memory"]);
        expect(operation.right.value).toBeCloseTo(1 / 64, 12);
      }
      const { at } = result;
      const step = 1e-6 * at;
      const quotient = (value: number) =>
        (timed(...moved(setup, tied, name, value, at)).seconds - timed(setup, tied).seconds) / (value - at);
      expect(quotient(at + step) / result.right).toBeCloseTo(1, 4);
      expect(quotient(at - step) / result.left).toBeCloseTo(1, 4);
    }
  });

  it("gives both sides at a window's edge, and where a tied table stops at 16 bits", () => {
    const gemma = modelProfile("gemma-2-9b");
    const edge = timeDerivative(setupOf(gemma, 4, 4096), h100, "context");
    expect(edge.derivative).toBeNull();
    expect(edge.left).toBeGreaterThan(edge.right);
    const table = timeDerivative(setupOf(gemma, 1, 100), h100, "weight-bytes");
    expect(table.derivative).toBeNull();
    expect(table.right).toBeGreaterThan(table.left);
    expect(table.operations.filter((o) => o.tie).map((o) => o.name)).toEqual(["embedding lookup", "logits"]);
  });

  it("says where the time jumps: the first token of a chunk", () => {
    const scout = modelProfile("llama-4-scout");
    const first = timeDerivative(setupOf(scout, 1, 2 * 8192 + 1), h100, "context");
    expect(first.derivative).toBeNull();
    expect(first.operations.filter((o) => o.jump).map((o) => o.name)).toHaveLength(1);
    expect(timeDerivative(setupOf(scout, 1, 2 * 8192 + 2), h100, "context").derivative).toBeGreaterThan(0);
  });

  it("follows the fastest format's peak where there are several", () => {
    const setup = setupOf(modelProfile("llama-3.1-8b"), 600, 100, {
      weights: { id: "fp8", bits: 8, native: "fp8", weightBits: {}, finerBits: {} },
      activations: { id: "fp8", bits: 8, native: "fp8", weightBits: {}, finerBits: {} },
    });
    const result = timeDerivative(setup, h100, "peak");
    expect(result.at).toBe(h100.peakFlopsPerSecond.fp8);
    expect(result.derivative).toBeLessThan(0);
    expect(expectAgreement(setup, h100, "peak")).toBe(true);
  });

  it("writes formulas in the operations' symbols and the parameter's", () => {
    const result = timeDerivative(setupOf(llama, 1, 2048), h100, "kv-heads");
    const attention = result.operations.find(({ name }) => name === "attention")!;
    expect(attention.right.seconds).toBe("32 * (B * S * (256 * Hkv) * ekv + (2 * B * Q * Hq * D) * ea) / BW");
    expect(attention.right.formula).toBe("8192 * ekv * B * S / BW");
    expect(attention.symbols).toMatchObject({ Hkv: 32, BW: 3.35e12 });
  });

  it.each([
    ["toaster", /invalid derivative: toaster \(wants bandwidth, peak, link, batch/],
    ["contxt", /did you mean context\?/],
    ["constructor", /wants bandwidth/],
  ])("refuses the parameter %s", (name, message) => {
    expect(() => timeDerivative(setupOf(llama, 1, 100), h100, name)).toThrow(message);
  });

  it("refuses parameters that mean nothing", () => {
    const by =
      (name: string, setup: StepSetup, hardware = h100) =>
      () =>
        timeDerivative(setup, hardware, name);
    expect(by("link", setupOf(llama, 1, 100), { ...h100, link: null })).toThrow(/h100-sxm has no link/);
    expect(by("kv-heads", setupOf(modelProfile("deepseek-v3"), 1, 100))).toThrow(/no layer of deepseek-v3 has one/);
    expect(by("d-ff", setupOf(modelProfile("deepseek-v3"), 1, 100))).toThrow(/several feed-forward widths/);
    expect(by("weight-bytes", setupOf(modelProfile("gpt-oss-20b"), 1, 100))).toThrow(/in several formats/);
    const parallelism = { ...singleDevice, tensor: 2 };
    expect(by("d-model", setupOf(llama, 1, 100, { parallelism }))).toThrow(/wants a model on one device/);
    expect(timeDerivative(setupOf(llama, 1, 100), { ...h100, link: null }, "bandwidth").elasticity).toBeCloseTo(-1, 12);
  });
});
