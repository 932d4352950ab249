/** Both sides of every crossover, on real models and on random ones. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { crossover } from "../../src/analysis/crossover.ts";
import type { Crossing } from "../../src/analysis/crossover-report.ts";
import { evaluateStep, type PredictorOptions, predictStep, stepPredictor } from "../../src/analysis/predict-step.ts";
import { applyAttention } from "../../src/architecture/attention-variant.ts";
import type { Model } from "../../src/architecture/model.ts";
import { singleDevice } from "../../src/architecture/shard.ts";
import type { Hardware } from "../../src/hardware/hardware.ts";
import { memoryLevels } from "../../src/hardware/memory-levels.ts";
import { footprintOf } from "../../src/step/footprint.ts";
import { anyHardware, anyModel } from "../fixtures/arbitrary.ts";
import { hardwareProfile, modelProfile } from "../fixtures/profiles.ts";

const llama = modelProfile("llama-2-7b");
const h100 = hardwareProfile("h100-sxm");

/** Holds `by` or more, up to the rounding of a sum in another order. */
function reaches(amount: number, level: number): boolean | null {
  if (Math.abs(amount - level) <= 1e-12 * Math.abs(level)) return null;
  return amount > level;
}

function expectExact(crossing: Crossing, from: number, holds: (value: number) => boolean | null, label: string): void {
  const { value, until, method } = crossing;
  if (value === null) {
    for (const x of method === "closed form" ? [from, from + 1, from + 77, from + 9999] : [from, from + 1, from + 5])
      expect(holds(x), `${label} never, at ${x}`).not.toBe(true);
    return;
  }
  expect(holds(value), `${label} at ${value}`).not.toBe(false);
  if (value > from) expect(holds(value - 1), `${label} before ${value}`).not.toBe(true);
  if (method === "closed form") {
    for (const share of [0.1, 0.5, 0.9]) {
      const before = from + Math.floor(share * (value - from));
      if (before < value) expect(holds(before), `${label} at ${before}, before ${value}`).not.toBe(true);
      const after = value + Math.floor(share * ((until ?? 2 * value) - value));
      expect(holds(after), `${label} at ${after}, after ${value}`).not.toBe(false);
    }
  }
  if (until === null) return;
  expect(holds(until), `${label} until ${until}`).not.toBe(true);
  expect(holds(until - 1), `${label} just before ${until}`).not.toBe(false);
}

function bandwidthOf(hardware: Hardware, level: string): number {
  return memoryLevels(hardware).find((each) => each.name === level)?.bytesPerSecond ?? 0;
}

function expectAllExact(
  model: Model,
  hardware: Hardware,
  batch: number,
  context: number,
  options: PredictorOptions = {},
): void {
  const report = crossover({ model, hardware, workload: { batch, context }, options });
  const predictor = stepPredictor(model, hardware, options);
  const variants = new Map(
    ["mha", "mqa", report.groupedQueryMatters?.attention ?? "mqa"].map((attention) => [
      attention,
      stepPredictor(applyAttention(model, attention), hardware, options),
    ]),
  );
  for (const axis of ["batch", "context"] as const) {
    const at = (value: number) => ({ batch, context, [axis]: value });
    const step = (value: number) => predictStep(predictor, at(value));
    expectExact(
      report.weightToCache[axis],
      1,
      (x) => reaches(step(x).totals.kvBytes, step(x).totals.weightBytes),
      `weightToCache ${axis}`,
    );
    expectExact(
      report.weightToCacheSeconds[axis],
      1,
      (x) => reaches(step(x).shares.cache, step(x).shares.weights),
      `weightToCacheSeconds ${axis}`,
    );
    const peak = hardware.peakFlopsPerSecond.bf16 ?? 1;
    expectExact(
      report.memoryToCompute[axis],
      1,
      (x) => reaches(step(x).totals.flops / peak, step(x).totals.bytes / bandwidthOf(hardware, step(x).memoryLevel)),
      `memoryToCompute ${axis}`,
    );
    expectExact(
      report.cacheEqualsWeights[axis],
      1,
      (x) => reaches(step(x).footprint.cacheBytes, step(x).footprint.weightBytes),
      `cacheEqualsWeights ${axis}`,
    );
    for (const matters of [report.multiQueryMatters, report.groupedQueryMatters]) {
      if (matters === null) continue;
      const seconds = (attention: string, x: number) => evaluateStep(variants.get(attention)!, at(x)).seconds;
      expectExact(
        matters[axis],
        1,
        (x) => reaches(seconds("mha", x), 1.05 * seconds(matters.attention, x)),
        `${matters.attention} ${axis}`,
      );
    }
  }
  report.operations.forEach(({ name, batch: ridge }) => {
    const step = (x: number) => predictStep(predictor, { batch: x, context });
    const row = (x: number) => step(x).operations.find((o) => o.name === name)!;
    const peak = hardware.peakFlopsPerSecond.bf16 ?? 1;
    expectExact(
      ridge,
      1,
      (x) => reaches(row(x).flops / peak, row(x).bytes / bandwidthOf(hardware, step(x).memoryLevel)),
      name,
    );
  });
}

describe("crossover of Llama-2-7B on an H100", () => {
  const report = crossover({ model: llama, hardware: h100, workload: { batch: 1, context: 4096 } });

  it("turns from weights to cache where S + 1 rows of 524,288 bytes reach the 13,214,687,232 bytes of weights", () => {
    // Weights: 6,607,343,616 parameters of two bytes; each sequence looks up one more row of the embedding (8,192 bytes).
    expect(report.weightToCache.batch.value).toBe(Math.ceil(13_214_687_232 / (4097 * 524_288 - 8192)));
    expect(report.weightToCache.context.value).toBe(Math.ceil((13_214_687_232 + 8192) / 524_288) - 1);
    expect(report.weightToCache.batch).toMatchObject({ method: "closed form", until: null, fits: true });
  });

  it("never turns compute-bound at this context, and says why", () => {
    expect(report.memoryToCompute.batch.value).toBeNull();
    expect(report.memoryToCompute.batch.reason).toMatch(
      /^each further sequence adds 645 µs of memory time and 15\.6 µs/,
    );
  });

  it("turns compute-bound at a context of a few tokens", () => {
    const short = crossover({ model: llama, hardware: h100, workload: { batch: 1, context: 16 } });
    expect(short.memoryToCompute.batch.value).toBeGreaterThan(h100.peakFlopsPerSecond.bf16! / 3.35e12);
    expect(short.memoryToCompute.batch.fits).toBe(true);
  });

  it("has each projection's ridge where T k n / peak reaches (k n + T (k + n)) / bandwidth", () => {
    const ridge = 989e12 / 3.35e12;
    const down = report.operations.find(({ name }) => name === "feed-forward down")!;
    const [k, n] = [11_008, 4096];
    expect(down.batch.value).toBe(Math.ceil((k * n * ridge) / (k * n - ridge * (k + n))));
    expect(down.batch).toMatchObject({ fits: false, largestThatFits: report.largestBatch });
  });

  it("lets the speed-up of multi-query attention tend to the heads as the context grows", () => {
    expect(report.multiQueryMatters?.asymptoticSpeedup.context).toBeCloseTo(32, 6);
    expect(report.groupedQueryMatters).toMatchObject({ attention: "gqa:8", threshold: 1.05 });
    expect(report.groupedQueryMatters?.asymptoticSpeedup.context).toBeCloseTo(4, 6);
  });

  it("says how much fits: one more does not", () => {
    const predictor = stepPredictor(llama, h100);
    const bytes = (batch: number, context: number) => footprintOf(predictor.footprintPlan, { batch, context }).bytes;
    expect(bytes(report.largestBatch!, 4096)).toBeLessThanOrEqual(h100.memoryCapacityBytes);
    expect(bytes(report.largestBatch! + 1, 4096)).toBeGreaterThan(h100.memoryCapacityBytes);
    expect(bytes(1, report.largestContext!)).toBeLessThanOrEqual(h100.memoryCapacityBytes);
    expect(bytes(1, report.largestContext! + 1)).toBeGreaterThan(h100.memoryCapacityBytes);
    expect(report).toMatchObject({ fits: true, nothingFits: false });
  });
});

describe("crossover is exact", () => {
  it.each([
    ["llama-2-7b", 1, 4096, "closed form", "closed form"],
    ["llama-3.1-8b", 16, 512, "closed form", "closed form"],
    ["qwen3-30b-a3b", 8, 4096, "bisection", "closed form"],
    ["gpt-oss-20b", 8, 4096, "bisection", "bisection"],
    ["gemma-3-27b", 8, 4096, "closed form", "bisection"],
    ["llama-4-scout", 8, 4096, "bisection", "bisection"],
    ["deepseek-v3", 8, 4096, "bisection", "closed form"],
  ])("%s at batch %d, context %d", (id, batch, context, batchMethod, contextMethod) => {
    const model = modelProfile(id);
    // The profile's own formats multiply in bf16 here, so that one peak serves all.
    expectAllExact(model, h100, batch, context);
    const report = crossover({ model, hardware: h100, workload: { batch, context } });
    expect(report.weightToCache.batch.method).toBe(batchMethod);
    expect(report.weightToCache.context.method).toBe(contextMethod);
  });

  it("with several devices, a prefill, and pipeline stages", () => {
    const parallelism = (p: Partial<typeof singleDevice>) => ({ step: { parallelism: { ...singleDevice, ...p } } });
    expectAllExact(modelProfile("llama-3.1-70b"), h100, 8, 2048, parallelism({ tensor: 4 }));
    expectAllExact(modelProfile("llama-3.1-8b"), h100, 8, 2048, parallelism({ pipeline: 3 }));
    expectAllExact(modelProfile("qwen3-30b-a3b"), h100, 8, 2048, parallelism({ expert: 4 }));
    expectAllExact(llama, h100, 2, 700, { step: { phase: "prefill" } });
  });

  it("where a step outgrows a cache: bisected, since the time jumps there", () => {
    const cached = { ...h100, caches: [{ name: "L2", bytes: 20e9, bandwidthBytesPerSecond: 5.5e12 }] };
    expectAllExact(llama, cached, 1, 16);
    expectAllExact(llama, cached, 4, 4096);
    const report = crossover({ model: llama, hardware: cached, workload: { batch: 1, context: 16 } });
    expect(report.memoryToCompute.batch.method).toBe("bisection");
    expect(report.weightToCache.batch.method).toBe("closed form");
    const small = { ...cached, caches: [{ ...cached.caches[0]!, bytes: 1e9 }] };
    const beyond = crossover({ model: llama, hardware: small, workload: { batch: 1, context: 16 } });
    expect(beyond.memoryToCompute).toEqual(
      crossover({ model: llama, hardware: h100, workload: { batch: 1, context: 16 } }).memoryToCompute,
    );
    expect(beyond.memoryToCompute.batch.method).toBe("closed form");
  });

  it("for random models on random machines", () => {
    const sizes = fc.integer({ min: 1, max: 3000 });
    fc.assert(
      fc.property(anyModel, anyHardware, sizes, sizes, (model, hardware, batch, context) => {
        expectAllExact(model, hardware, batch, context);
      }),
      { numRuns: 40 },
    );
  });
});

describe("crossover says", () => {
  it("that nothing fits where the weights alone are too large", () => {
    const report = crossover({
      model: modelProfile("llama-3.1-70b"),
      hardware: h100,
      workload: { batch: 1, context: 64 },
    });
    expect(report).toMatchObject({ fits: false, nothingFits: true, largestBatch: 0, largestContext: 0 });
    expect(report.weightToCache.batch).toMatchObject({ fits: false, largestThatFits: 0 });
  });

  it("never, where the cache does not grow", () => {
    const windowed = { ...llama.decoder.kinds[0]!, attention: { ...llama.decoder.kinds[0]!.attention, window: 64 } };
    const model = { ...llama, decoder: { ...llama.decoder, kinds: [windowed] } } as Model;
    const report = crossover({ model, hardware: h100, workload: { batch: 1, context: 4096 } });
    expect(report.weightToCache.context.value).toBeNull();
    expect(report.weightToCacheSeconds.context.reason).toContain("at no context is it more");
    expect(report.cacheEqualsWeights.context.value).toBeNull();
    expect(report.largestContext).toBeNull();
    expect(report.multiQueryMatters?.asymptoticSpeedup.context).toBeGreaterThan(1);
  });

  it("that heads can't be shared where there are none, or only one", () => {
    const linear = modelProfile("llama-2-7b");
    const kinds = linear.decoder.kinds.map((layer) => ({
      ...layer,
      attention: { kind: "linear" as const, keyHeads: 4, valueHeads: 8, keyDim: 64, valueDim: 64, convolution: 4 },
    }));
    const report = crossover({
      model: { ...linear, decoder: { ...linear.decoder, kinds } },
      hardware: h100,
      workload: { batch: 1, context: 64 },
    });
    expect(report.multiQueryMatters).toBeNull();
    expect(report.groupedQueryMatters).toBeNull();
    expect(report.weightToCache.context.reason).toBe("the cache's bytes don't grow with the context");
  });

  it("what is wrong with a threshold, with groups or with a workload", () => {
    const workload = { batch: 1, context: 64 };
    expect(() => crossover({ model: llama, hardware: h100, workload, threshold: 0.9 })).toThrow(
      /invalid threshold: 0.9/,
    );
    expect(() => crossover({ model: llama, hardware: h100, workload, groups: 5 })).toThrow(
      /invalid groups: 5 \(must divide heads 32\)/,
    );
    expect(() => crossover({ model: llama, hardware: h100, workload: { batch: 0, context: 64 } })).toThrow(
      /invalid batch/,
    );
    expect(crossover({ model: llama, hardware: h100, workload, groups: 4 }).groupedQueryMatters?.attention).toBe(
      "gqa:4",
    );
  });

  it("from which context on, and where it turns back", () => {
    // With the same parameters only the cache makes the difference, so that it needs a context to matter.
    const matters = crossover({
      model: llama,
      hardware: h100,
      workload: { batch: 1, context: 64 },
      sameParameters: true,
    }).multiQueryMatters!;
    expect(matters.context.value).toBeGreaterThan(1000);
    expect(matters.context.reason).toMatch(/^the speed-up is 1\.05×/);
    // A prefill is bound by arithmetic but for short prompts.
    const prefill = crossover({
      model: llama,
      hardware: h100,
      workload: { batch: 1, context: 64 },
      options: { step: { phase: "prefill" } },
    });
    expect(prefill.memoryToCompute.context).toMatchObject({ method: "bisection", until: null });
    const never = crossover({ model: llama, hardware: h100, workload: { batch: 1, context: 64 }, threshold: 40 });
    expect(never.multiQueryMatters?.context).toMatchObject({ value: null, fits: null });
  });
});
