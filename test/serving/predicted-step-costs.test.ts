import { describe, expect, test } from "vitest";
import { evaluateStep, predictStep, stepPredictor } from "../../src/analysis/predict-step.ts";
import { singleDevice } from "../../src/architecture/shard.ts";
import { parseNumberFormat } from "../../src/quantity/number-format.ts";
import { predictedStepCosts } from "../../src/serving/predicted-step-costs.ts";
import type { StepCost } from "../../src/serving/step-costs.ts";
import { engineFitOf } from "../../src/timing/engine-fits.ts";
import { engineTiming } from "../../src/timing/engine-timing.ts";
import { roofline } from "../../src/timing/roofline.ts";
import type { TimingModel } from "../../src/timing/timing-model.ts";
import { hardwareProfile, modelProfile } from "../fixtures/profiles.ts";

const h100 = hardwareProfile("h100-sxm");
const llama = modelProfile("llama-3.1-8b");
const timing = roofline(h100);
const fp8 = parseNumberFormat("fp8");
const costs = predictedStepCosts(llama, h100, { timing });
const seconds = (cost: StepCost): number =>
  cost.memorySeconds + cost.computeSeconds + cost.linkSeconds + cost.startSeconds;

describe("step costs by the project's counting", () => {
  test("a decode step costs what the step command says, in its parts", () => {
    const step = predictStep(stepPredictor(llama, h100, { timing }), { batch: 16, context: 2048 });
    const cost = costs.decode(16, 2048);
    expect(seconds(cost)).toBeCloseTo(step.seconds!, 15);
    expect(cost.linkSeconds).toBe(0);
  });

  test("a batch that is not whole lies between its neighbours", () => {
    const at = (batch: number): number => seconds(costs.decode(batch, 2048));
    expect(at(16.25)).toBeCloseTo(0.75 * at(16) + 0.25 * at(17), 12);
  });

  test("a row of the cache and the weights: Llama 3.1 8B has 131,072 bytes a token and 8.03 billion weights", () => {
    expect(costs.rowBytes).toBe(131_072);
    expect(costs.weightBytes / 2e9).toBeCloseTo(8.03, 2);
    // The table of embeddings is looked up, not read.
    expect((costs.weightBytes - costs.readBytes) / 2).toBeCloseTo(128_256 * 4096, -6);
    expect(costs.layers).toBe(32);
  });

  test("a mixed step costs less than a prefill and a decode step, and more than either", () => {
    const decode = seconds(costs.decode(32, 4096));
    const prefill = seconds(costs.mixed(0, 4096, 1, 2048));
    const both = seconds(costs.mixed(32, 4096, 1, 2048));
    expect(both).toBeLessThan(decode + prefill);
    expect(both).toBeGreaterThan(Math.max(decode, prefill));
  });

  test("devices exchange 16 bits whatever they multiply in", () => {
    const parallelism = { ...singleDevice, tensor: 4 };
    const wide = predictedStepCosts(llama, h100, { timing, step: { parallelism } });
    const narrow = predictedStepCosts(llama, h100, { timing, step: { parallelism, weights: fp8, activations: fp8 } });
    expect(narrow.decode(8, 1024).linkSeconds).toBe(wide.decode(8, 1024).linkSeconds);
    expect(narrow.decode(8, 1024).memorySeconds).toBeLessThan(0.6 * wide.decode(8, 1024).memorySeconds);
  });

  test("devices exchange eight bits as counted where a timing's constants were fitted so", () => {
    const hardware = hardwareProfile("mi300x");
    const step = { parallelism: { ...singleDevice, tensor: 8 }, weights: fp8, activations: fp8 };
    const byRuns = engineTiming(hardware, engineFitOf("vllm", hardware)!);
    const atSixteen = { ...byRuns, countsLinkAsActivations: false };
    const link = (by: TimingModel): number =>
      predictedStepCosts(llama, hardware, { timing: by, step }).mixed(0, 1, 1, 8192).linkSeconds;
    expect(link(atSixteen) / link(byRuns)).toBeCloseTo(2, 1);
    const counted = evaluateStep(
      stepPredictor(llama, hardware, { timing: byRuns, step: { ...step, phase: "prefill" } }),
      {
        batch: 1,
        context: 8192,
      },
    );
    expect(link(byRuns)).toBeCloseTo(counted.secondsByBound.link, 12);
  });
});
