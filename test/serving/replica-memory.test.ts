import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { stepPredictor } from "../../src/analysis/predict-step.ts";
import { applyAttention } from "../../src/architecture/attention-variant.ts";
import type { Model } from "../../src/architecture/model.ts";
import { singleDevice } from "../../src/architecture/shard.ts";
import type { Hardware } from "../../src/hardware/hardware.ts";
import { parseNumberFormat } from "../../src/quantity/number-format.ts";
import { type EngineMemory, engineMemories } from "../../src/serving/engine-memory.ts";
import { type MemoryQuestion, type ReplicaMemory, replicaMemory } from "../../src/serving/replica-memory.ts";
import { servingProfiles } from "../../src/serving/serving-profiles.ts";
import { footprintOf } from "../../src/step/footprint.ts";
import type { StepOptions } from "../../src/step/step-options.ts";
import { hardwareProfile, modelProfile } from "../fixtures/profiles.ts";

const h100 = hardwareProfile("h100-sxm");
const llama = modelProfile("llama-3.1-8b");
const { ideal, vllm } = engineMemories;
const stepTokens = 8192;

interface Asked extends Partial<Pick<MemoryQuestion, "draftBytes" | "memoryShare" | "typicalRows" | "stepTokens">> {
  readonly model?: Model;
  readonly hardware?: Hardware;
  readonly step?: Partial<StepOptions>;
  readonly maxSequences?: number;
}

function memoryOf(engine: EngineMemory, asked: Asked = {}): ReplicaMemory {
  const { model = llama, hardware = h100, step = {}, ...others } = asked;
  return replicaMemory({
    decode: stepPredictor(model, hardware, { step: { ...step, phase: "decode" } }),
    prefill: stepPredictor(model, hardware, { step: { ...step, phase: "prefill" } }),
    ...{ hardware, engine, stepTokens, maxSequences: engine.maxSequences, typicalRows: 2000 },
    ...others,
  });
}

const total = ({ parts, roomBytes }: ReplicaMemory): number =>
  Object.values(parts).reduce((sum, bytes) => sum + bytes, 0) + roomBytes;

describe("a device's memory", () => {
  test.each(Object.entries(engineMemories))(
    "of %s: the parts and the room for caches are the capacity",
    (_, engine) => {
      const memory = memoryOf(engine);
      expect(memory.capacityBytes).toBe(h100.memoryCapacityBytes);
      expect(total(memory) / memory.capacityBytes).toBeCloseTo(1, 12);
      for (const bytes of Object.values(memory.parts)) expect(bytes).toBeGreaterThanOrEqual(0);
    },
  );

  test("holds the weights that the footprint counts", () => {
    const { footprintPlan } = stepPredictor(llama, h100);
    expect(memoryOf(vllm).parts.weightBytes).toBe(footprintOf(footprintPlan, { batch: 1, context: 1 }).weightBytes);
  });

  test("holds a draft's weights beside them", () => {
    const [without, withDraft] = [memoryOf(vllm), memoryOf(vllm, { draftBytes: 2e9 })];
    expect(withDraft.parts.weightBytes - without.parts.weightBytes).toBe(2e9);
    expect(without.roomBytes - withDraft.roomBytes).toBeCloseTo(2e9, 0);
  });

  test("holds collective buffers where there are several devices, and not on one", () => {
    expect(memoryOf(vllm).parts.collectiveBytes).toBe(0);
    const two = memoryOf(vllm, { step: { parallelism: { ...singleDevice, tensor: 2 } } });
    expect(two.parts.collectiveBytes).toBe(vllm.collectiveBytes);
  });

  test("shared with the processor keeps a quarter of it back", () => {
    const mac = hardwareProfile("apple-m2-ultra");
    const { parts, capacityBytes } = memoryOf(engineMemories["llama.cpp"], { hardware: mac });
    expect(parts.reserveBytes / capacityBytes).toBeCloseTo(0.25, 12);
    expect(memoryOf(engineMemories["llama.cpp"]).parts.reserveBytes / h100.memoryCapacityBytes).toBeCloseTo(0.03, 12);
  });

  test("given a share of it for weights and caches keeps the rest and nothing else", () => {
    const memory = memoryOf(vllm, { memoryShare: 0.8, draftBytes: 1e9 });
    expect(memory.parts).toMatchObject({ activationBytes: 0, runtimeBytes: 0, collectiveBytes: 0 });
    expect((memory.parts.weightBytes + memory.roomBytes) / memory.capacityBytes).toBeCloseTo(0.8, 12);
    expect(memoryOf(vllm, { memoryShare: 0.9 }).roomBytes - memory.roomBytes).toBeCloseTo(
      0.1 * memory.capacityBytes + 1e9,
      0,
    );
  });

  test("holds activations of the step's tokens by hand: gate and up of 2 × 14,336 and the down's input, or more, and the stream", () => {
    const { activationBytes } = memoryOf(vllm).parts;
    // The feed-forward's largest operation moves at least its output of 2 × 14,336 values a token in 16 bits, beside a stream of 4096 twice.
    const least = stepTokens * (2 * 14_336 + 2 * 4096) * 2;
    expect(activationBytes).toBeGreaterThan(least);
    expect(activationBytes).toBeLessThan(2 * least);
    expect(memoryOf(vllm, { stepTokens: 2048 }).parts.activationBytes).toBeLessThan(0.6 * activationBytes);
  });

  test("holds the logits of all sequences where those are more: 128,256 of each", () => {
    const { activationBytes } = memoryOf(vllm, { stepTokens: 1, maxSequences: 1024 }).parts;
    expect(activationBytes).toBeGreaterThan(1024 * 128_256 * 2);
  });
});

describe("requests that fit", () => {
  test("by hand: Llama 3.1 8B takes 16.06 GB and 131,072 bytes a row; of 85.0 GB, 263 requests of 2000 rows fit", () => {
    const memory = memoryOf(ideal, { memoryShare: 1 });
    expect(memory.requestBytes(2000)).toBe(2000 * 131_072);
    const room = 85_017_493_504 - memory.parts.weightBytes;
    expect(memory.parts.weightBytes / 1e9).toBeCloseTo(16.06, 2);
    expect(memory.fittingRequests(2000)).toBe(Math.floor(room / (2000 * 131_072)));
    expect(memory.fittingRequests(2000)).toBe(263);
  });

  test("hold whole pages: 1 row takes 16, 16 take 16, 17 take 32", () => {
    const memory = memoryOf(vllm);
    const rowBytes = 131_072;
    expect([0, 1, 16, 17, 32, 33].map((rows) => memory.requestBytes(rows) / rowBytes)).toEqual([
      16, 16, 16, 32, 32, 48,
    ]);
  });

  test("fill the room to the last one: one more would not fit", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200_000 }), (rows) => {
        const memory = memoryOf(vllm);
        const requests = memory.fittingRequests(rows);
        expect(requests * memory.requestBytes(rows)).toBeLessThanOrEqual(memory.roomBytes);
        expect((requests + 1) * memory.requestBytes(rows)).toBeGreaterThan(memory.roomBytes);
      }),
      { numRuns: 30 },
    );
  });

  test("are none where the weights do not fit, and the room says by how much", () => {
    const memory = memoryOf(vllm, { model: modelProfile("llama-3.1-70b") });
    expect(memory.roomBytes).toBeLessThan(-50e9);
    expect(memory.fittingRequests(1)).toBe(0);
    expect(memory.cacheCapacityBytes).toBe(0);
    expect(total(memory) / memory.capacityBytes).toBeCloseTo(1, 12);
  });

  test("of a model with fewer K/V heads are never fewer: MQA, then 8 groups, then MHA, at the same cache of a row", () => {
    const variants = ["mqa", "gqa:8", "mha"].map((variant) =>
      memoryOf(vllm, { model: applyAttention(llama, variant) }),
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000 }), (rows) => {
        const [mqa, gqa, mha] = variants.map((memory) => memory.fittingRequests(rows)) as [number, number, number];
        expect(mqa).toBeGreaterThanOrEqual(gqa);
        expect(gqa).toBeGreaterThanOrEqual(mha);
      }),
    );
    const [mqa, gqa, mha] = variants.map((memory) => memory.requestBytes(1600)) as [number, number, number];
    expect([gqa / mqa, mha / mqa]).toEqual([8, 32]);
  });

  test("have a cache that rises with their rows, and a sliding window's not beyond it", () => {
    const memory = memoryOf(vllm, { model: modelProfile("gemma-3-27b"), memoryShare: 1 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000 }), fc.integer({ min: 1, max: 10_000 }), (rows, more) => {
        expect(memory.requestBytes(rows + more)).toBeGreaterThanOrEqual(memory.requestBytes(rows));
      }),
    );
    const growth = (rows: number): number => memory.requestBytes(rows + 16) - memory.requestBytes(rows);
    // Five of six layers keep 1024 rows.
    expect(growth(512) / growth(16_384)).toBeGreaterThan(5);
  });
});

describe("layouts", () => {
  const parallel = (tensor: number, pipeline = 1, expert = 1): Asked => ({
    model: modelProfile("llama-3.1-70b"),
    step: { parallelism: { tensor, pipeline, expert } },
  });

  test("with more tensor parallelism hold more requests than as many times one's", () => {
    const [four, eight] = [memoryOf(vllm, parallel(4)), memoryOf(vllm, parallel(8))];
    expect(eight.fittingRequests(4096)).toBeGreaterThan(2 * four.fittingRequests(4096));
    expect(four.requestBytes(4096)).toBe(2 * eight.requestBytes(4096));
  });

  test("with stages are as tight as the tightest: 80 layers in 3 stages are 27, 27 and 26 with the LM head", () => {
    const memory = memoryOf(vllm, { ...parallel(2, 3), memoryShare: 0.9 });
    const predictor = stepPredictor(modelProfile("llama-3.1-70b"), h100, {
      step: { parallelism: { tensor: 2, pipeline: 3, expert: 1 } },
    });
    const { footprintPlan } = predictor;
    const perStage = footprintPlan.stages.map((stage) => {
      const { weightBytes, cacheBytes } = footprintOf(
        { ...footprintPlan, stages: [stage] },
        { batch: 1, context: 4096 },
      );
      return Math.floor((0.9 * h100.memoryCapacityBytes - weightBytes) / cacheBytes);
    });
    expect(memory.fittingRequests(4096)).toBe(Math.min(...perStage));
    expect(new Set(perStage).size).toBeGreaterThan(1);
  });

  test("with groups of devices hold as many requests as all groups together", () => {
    const asked = {
      model: modelProfile("deepseek-v3"),
      hardware: hardwareProfile("h200"),
      step: { parallelism: { tensor: 1, pipeline: 1, expert: 16 } },
    };
    const memory = memoryOf(vllm, asked);
    expect(memory.fittingRequests(4096) % 16).toBe(0);
    expect(memory.fittingRequests(4096)).toBe(16 * Math.floor(memory.roomBytes / memory.requestBytes(4096)));
    expect(memory.cacheCapacityBytes).toBe(16 * memory.roomBytes);
  });

  test("of a stage without room are told by the worst of them", () => {
    const memory = memoryOf(vllm, { ...parallel(1, 2), memoryShare: 0.5 });
    expect(memory.roomBytes).toBeLessThan(0);
    expect(memory.fittingRequests(100)).toBe(0);
  });
});

test("requests without a cache are without end", () => {
  const predictor = stepPredictor(llama, h100);
  const bare = {
    ...predictor.footprintPlan,
    stages: predictor.footprintPlan.stages.map((s) => ({ ...s, layers: [] })),
  };
  const memory = replicaMemory({
    ...{
      decode: { ...predictor, footprintPlan: bare },
      prefill: stepPredictor(llama, h100, { step: { phase: "prefill" } }),
    },
    ...{ hardware: h100, engine: ideal, stepTokens: 1, maxSequences: 1, typicalRows: 1 },
  });
  expect(memory.fittingRequests(1000)).toBe(Number.POSITIVE_INFINITY);
});

describe("the share for weights and caches of Qwen3-32B on two H100", () => {
  const formats = {
    vllm: "bf16",
    "trt-llm": "fp8",
    sglang: "bf16",
  } as const;
  test.each(["vllm", "trt-llm", "sglang"] as const)(
    "of %s is within 0.005 of the one that its runs were fitted with",
    (id) => {
      const format = parseNumberFormat(formats[id]);
      const { policy, constants, cacheFormat } = servingProfiles[id];
      const { capacityBytes, parts, roomBytes } = memoryOf(engineMemories[id], {
        model: modelProfile("qwen3-32b"),
        stepTokens: policy.stepTokens,
        step: {
          ...{ weights: format, activations: format, parallelism: { ...singleDevice, tensor: 2 } },
          kvCache: parseNumberFormat(cacheFormat === "weights" ? formats[id] : "bf16"),
        },
      });
      expect(Math.abs((parts.weightBytes + roomBytes) / capacityBytes - constants.memoryShare)).toBeLessThan(0.005);
    },
  );
});
