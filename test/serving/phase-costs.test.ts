import { describe, expect, test } from "vitest";
import { evaluateStep, stepPredictor } from "../../src/analysis/predict-step.ts";
import { singleDevice } from "../../src/architecture/shard.ts";
import { parseNumberFormat } from "../../src/quantity/number-format.ts";
import { phaseCosts } from "../../src/serving/phase-costs.ts";
import { roofline } from "../../src/timing/roofline.ts";
import { hardwareProfile, modelProfile } from "../fixtures/profiles.ts";

const h100 = hardwareProfile("h100-sxm");
const llama = modelProfile("llama-3.1-8b");
const timing = roofline(h100);
const workload = { batch: 8, context: 4096 };
const fp8 = parseNumberFormat("fp8");

describe("what a phase's step costs", () => {
  test("is the step's time, by the resource that it waits for", () => {
    for (const phase of ["decode", "prefill"] as const) {
      const cost = phaseCosts(llama, h100, { timing }, phase).cost(workload);
      const { seconds } = evaluateStep(stepPredictor(llama, h100, { timing, step: { phase } }), workload);
      expect(cost.memorySeconds + cost.computeSeconds + cost.linkSeconds + cost.startSeconds).toBeCloseTo(seconds, 12);
      expect(cost.linkSeconds).toBe(0);
    }
  });

  test("by hand: decoding reads 8 × 4096 rows of 131,072 bytes, and one written each, at 3.35 TB/s", () => {
    const { cacheSeconds, attentionSeconds, memorySeconds } = phaseCosts(llama, h100, { timing }, "decode").cost(
      workload,
    );
    expect(cacheSeconds * 1e3).toBeCloseTo((8 * 4097 * 131_072) / 3.35e12 / 1e-3, 2);
    expect(attentionSeconds).toBeGreaterThan(0.98 * cacheSeconds);
    expect(attentionSeconds).toBeLessThan(1.05 * cacheSeconds);
    expect(memorySeconds).toBeGreaterThan(cacheSeconds);
  });

  test.each(["deepseek-v3", "deepseek-v3.2"])("of %s has its attention's share, whatever its kind", (id) => {
    const step = { parallelism: { ...singleDevice, tensor: 8, expert: 8 } };
    const costs = phaseCosts(modelProfile(id), h100, { timing, step }, "decode");
    const [near, far] = [1024, 65_536].map((context) => costs.cost({ batch: 8, context }).attentionSeconds) as [
      number,
      number,
    ];
    expect(near).toBeGreaterThan(0);
    expect(far).toBeGreaterThan(2 * near);
  });

  test("sends 16 bits over links whatever the matrices multiply in, and at 16 bits what the plan says", () => {
    const parallelism = { ...singleDevice, tensor: 4 };
    const of = (activations: typeof fp8, weights: typeof fp8) =>
      phaseCosts(llama, h100, { timing, step: { parallelism, activations, weights } }, "decode").cost(workload);
    const [narrow, wide] = [of(fp8, fp8), of(parseNumberFormat("bf16"), fp8)];
    expect(wide.linkSeconds).toBeGreaterThan(0);
    expect(narrow.linkSeconds).toBe(wide.linkSeconds);
  });

  test("that the machine can't multiply is refused", () => {
    const step = { parallelism: { ...singleDevice, tensor: 3 } };
    expect(() => phaseCosts(llama, h100, { timing, step }, "decode")).toThrow("invalid tensor");
  });
});
