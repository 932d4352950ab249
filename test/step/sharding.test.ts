/** Parallelism by the engines' rules, and what a device then holds and sends. */
import { describe, expect, test } from "vitest";
import { predictStep, stepPredictor } from "../../src/analysis/predict-step.ts";
import { modelCacheElementsPerToken } from "../../src/architecture/cache-row.ts";
import { deviceCount, shardModel, singleDevice, stageLayers } from "../../src/architecture/shard.ts";
import { countParameters } from "../../src/architecture/weights.ts";
import { countStep } from "../../src/step/count-step.ts";
import { footprintOf, largestBatch, planFootprint } from "../../src/step/footprint.ts";
import { defaultStepOptions, type StepOptions } from "../../src/step/step-options.ts";
import { planStep } from "../../src/step/step-plan.ts";
import { hardwareProfile, modelProfile } from "../fixtures/profiles.ts";

const on = (tensor: number, pipeline = 1, expert = 1): StepOptions => ({
  ...defaultStepOptions,
  parallelism: { tensor, pipeline, expert },
});

describe("tensor parallelism", () => {
  const llama = modelProfile("llama-3.1-70b");

  test("eight devices hold one K/V head each, sixteen hold it twice over", () => {
    const headsOn = (tensor: number): unknown => {
      const attention = shardModel(llama, { ...singleDevice, tensor }).decoder.kinds[0]?.attention;
      return attention?.kind === "softmax" ? [attention.heads, attention.kvHeads] : null;
    };
    expect(headsOn(8)).toEqual([8, 1]);
    expect(headsOn(16)).toEqual([4, 1]);
  });

  test("an eighth of the matrices a device, norms on each", () => {
    const whole = countParameters(llama).total;
    const norms = (2 * 80 + 1) * 8192;
    expect(countParameters(shardModel(llama, { ...singleDevice, tensor: 8 })).total).toBe((whole - norms) / 8 + norms);
  });

  test("two all-reduces a layer and one after the embedding, of 2 (N − 1)/N × 8192 elements, and the logits gathered", () => {
    const tape = countStep(planStep(llama, on(8)), { batch: 4, context: 100 });
    const reduce = (80 * 2 + 1) * 2 * (7 / 8) * 4 * 8192 * 2;
    const gather = (7 / 8) * 4 * 128_256 * 2;
    expect(tape.totals.linkBytes).toBeCloseTo(reduce + gather, 3);
  });

  test("Llama-3.1-70B in bf16 fits two H100s and not one, and four are faster than two", () => {
    const seconds = (tensor: number): number | null =>
      predictStep(stepPredictor(llama, hardwareProfile("h100-sxm"), { step: on(tensor) }), { batch: 1, context: 2048 })
        .seconds;
    expect(seconds(1)).toBeNull();
    expect(seconds(4) as number).toBeLessThan(seconds(2) as number);
  });

  test("the latent cache is not split", () => {
    const deepseek = modelProfile("deepseek-v3");
    const sharded = shardModel(deepseek, { ...singleDevice, tensor: 8 });
    expect(modelCacheElementsPerToken(sharded)).toBe(modelCacheElementsPerToken(deepseek));
  });

  test("what doesn't divide is refused with both numbers", () => {
    expect(() => shardModel(llama, { ...singleDevice, tensor: 3 })).toThrow("must divide heads 64");
    expect(() => shardModel(modelProfile("phi-4"), { ...singleDevice, tensor: 4 })).toThrow("kvHeads 10");
    expect(() => shardModel(llama, { ...singleDevice, expert: 2 })).toThrow("no experts");
    expect(() => shardModel(llama, { ...singleDevice, pipeline: 81 })).toThrow("80 layers");
    const mixtral = modelProfile("mixtral-8x7b");
    expect(() => shardModel(mixtral, { ...singleDevice, expert: 3 })).toThrow("must divide experts 8");
    expect(() => shardModel(mixtral, { tensor: 4, pipeline: 1, expert: 6 })).toThrow("multiple");
  });

  test("a machine without a link can't be several", () => {
    expect(() => stepPredictor(llama, { ...hardwareProfile("h100-sxm"), link: null }, { step: on(2) })).toThrow(
      "no link",
    );
  });
});

describe("pipeline parallelism", () => {
  test("81 layers over 4 stages: 21, 20, 20, 20", () => {
    expect(stageLayers(81, 4).map(([from, to]) => to - from)).toEqual([21, 20, 20, 20]);
  });

  test("the operations stay those of the whole model, with a send between stages; the fullest stage is about a quarter", () => {
    const llama = modelProfile("llama-3.1-70b");
    const single = countStep(planStep(llama, on(1)), { batch: 2, context: 512 }).totals;
    const staged = countStep(planStep(llama, on(1, 4)), { batch: 2, context: 512 }).totals;
    expect(staged.weightBytes).toBe(single.weightBytes);
    expect(staged.linkBytes).toBe(3 * 2 * 8192 * 2);
    const whole = footprintOf(planFootprint(planStep(llama, on(1))), { batch: 2, context: 512 });
    const fullest = footprintOf(planFootprint(planStep(llama, on(1, 4))), { batch: 2, context: 512 });
    expect(fullest.bytes / whole.bytes).toBeGreaterThan(0.25);
    expect(fullest.bytes / whole.bytes).toBeLessThan(0.27);
    expect(fullest.cacheBytes).toBe(whole.cacheBytes / 4);
  });
});

describe("expert parallelism", () => {
  const qwen = modelProfile("qwen3-30b-a3b");

  test("devices are the larger of the two groups, times the stages", () => {
    expect(deviceCount({ tensor: 2, pipeline: 3, expert: 8 })).toBe(24);
    expect(deviceCount({ tensor: 8, pipeline: 1, expert: 4 })).toBe(8);
  });

  test("the experts are spread and the router is whole on each", () => {
    const sharded = shardModel(qwen, { ...singleDevice, expert: 8 });
    const all = countParameters(qwen).total;
    const experts = 48 * 128 * 3 * 2048 * 768;
    expect(countParameters(sharded).total).toBe(all - experts + experts / 8);
  });

  test("in all, the expected experts touched do not depend on how they are spread", () => {
    const expertsRead = (options: StepOptions, devices: number): number => {
      const plan = planStep(qwen, options);
      const tape = countStep(plan, { batch: 32, context: 64 });
      const i = plan.operations.findIndex((operation) => operation.name === "experts");
      return devices * (tape.counts[i]?.weightBytes ?? Number.NaN);
    };
    expect(expertsRead(on(1, 1, 8), 8) / expertsRead(on(1), 1)).toBeCloseTo(1, 12);
    expect(expertsRead(on(8, 1, 4), 8) / expertsRead(on(1), 1)).toBeCloseTo(1, 12);
  });

  test("attention runs data-parallel beyond the tensor group: a quarter of the requests each", () => {
    const plan = planStep(qwen, on(2, 1, 8));
    const tape = countStep(plan, { batch: 32, context: 64 });
    expect(tape.point.sequences).toBe(8);
    expect(largestBatch(planFootprint(plan), { context: 64 }, 80e9)! % 4).toBe(0);
  });

  test("the devices of a tensor group share the all-to-alls' sending", () => {
    const sent = (tensor: number): number => {
      const plan = planStep(qwen, on(tensor, 1, 8));
      const i = plan.operations.findIndex((operation) => operation.name === "expert all-to-all");
      return countStep(plan, { batch: 32, context: 64 }).counts[i]?.linkBytes ?? Number.NaN;
    };
    expect(sent(4)).toBe(sent(1));
    expect(sent(2)).toBe(sent(1));
  });

  test("the last stage of a pipeline alone holds the final norm and the LM head", () => {
    const llama = modelProfile("llama-3.1-70b");
    const whole = footprintOf(planFootprint(planStep(llama, on(1))), { batch: 1, context: 1 }).weightBytes;
    const layer = (whole - 2 * (2 * 128_256 * 8192 + 8192)) / 80;
    const staged = footprintOf(planFootprint(planStep(llama, on(1, 3))), { batch: 1, context: 1 }).weightBytes;
    expect(staged).toBe(27 * layer + 2 * 128_256 * 8192);
  });

  test("two all-to-alls a layer, eight experts' copies of a token each", () => {
    const plan = planStep(qwen, on(1, 1, 8));
    const tape = countStep(plan, { batch: 8, context: 64 });
    const i = plan.operations.findIndex((operation) => operation.name === "expert all-to-all");
    expect(tape.counts[i]?.linkBytes).toBeCloseTo(48 * 2 * (7 / 8) * 1 * 8 * 2048 * 2, 3);
  });
});
