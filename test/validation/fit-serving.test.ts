import { describe, expect, test } from "vitest";
import type { SchedulingPolicy, ServingConstants } from "../../src/serving/serving-constants.ts";
import { fitServing, predictServing, type ServingCase } from "../../src/validation/fit-serving.ts";
import { isImpossibleRun } from "../../src/validation/impossible-run.ts";
import { nothingAdded, toyCosts } from "../fixtures/toy-engine.ts";

const mixed: SchedulingPolicy = { prefill: "mixed", stepTokens: 8192, reservedShare: 0.5, admittedShare: 0 };
const first: SchedulingPolicy = { ...mixed, prefill: "first" };
const truth: ServingConstants = {
  ...{ memoryEfficiency: 0.9, computeEfficiency: 0.7, linkEfficiency: 0.8, layerSeconds: 1e-5, stepSeconds: 1.5e-3 },
  ...{ sequenceSeconds: 2e-5, waitPrompts: 3, requestSeconds: 0.02, memoryShare: 0.8 },
};

function runsOf(policy: SchedulingPolicy, constants: ServingConstants): ServingCase[] {
  return [1024, 4096].flatMap((promptTokens) =>
    [128, 512, 1024].flatMap((outputTokens) =>
      [4, 16, 64, 128].map((concurrency): ServingCase => {
        const load = { concurrency, promptTokens, outputTokens, requestsPerClient: 10, variedLengths: false };
        const times = { outputTokenSeconds: null, firstTokenSeconds: null };
        const one = { load, costs: toyCosts, capacityBytes: 80e9, ...times };
        const { outputTokenSeconds, firstTokenSeconds } = predictServing(one, policy, constants);
        return { ...one, outputTokenSeconds, firstTokenSeconds };
      }),
    ),
  );
}

describe("the fit of an engine's constants", () => {
  test.each([mixed, first])("finds times that a known engine ($prefill) makes, within 2 %", (policy) => {
    const runs = runsOf(policy, truth);
    const { constants } = fitServing(runs, policy);
    for (const one of runs) {
      const state = predictServing(one, policy, constants);
      expect(Math.abs(state.outputTokenSeconds / one.outputTokenSeconds! - 1)).toBeLessThan(0.02);
      expect(Math.abs(state.firstTokenSeconds / one.firstTokenSeconds! - 1)).toBeLessThan(0.04);
    }
    expect(constants.computeEfficiency).toBeCloseTo(0.7, 1);
    // Layers and step come in the same sum here; nothing tells them apart.
    expect(10 * constants.layerSeconds + constants.stepSeconds).toBeCloseTo(1.6e-3, 3);
  });

  test("a few wrong runs move nothing much", () => {
    const runs = runsOf(mixed, truth).map((one, i) =>
      i % 8 === 0 ? { ...one, outputTokenSeconds: 2 * one.outputTokenSeconds! } : one,
    );
    expect(fitServing(runs, mixed).constants.computeEfficiency).toBeCloseTo(0.7, 1);
  });

  test("an engine faster than its kernels stands at the bound and is said to", () => {
    const runs = runsOf(mixed, { ...truth, computeEfficiency: 1.3 });
    const { constants, atBound } = fitServing(runs, mixed);
    expect(constants.computeEfficiency).toBe(1);
    expect(atBound).toContain("computeEfficiency");
  });

  test("the same runs give the same fit, no runs none", () => {
    const runs = runsOf(mixed, truth);
    expect(fitServing(runs, mixed)).toEqual(fitServing(runs, mixed));
    expect(() => fitServing([], mixed)).toThrow(RangeError);
  });
});

describe("an impossible run", () => {
  // 8 GB of weights and 8 × 2000 rows of 100 kB are 9.6 GB: 3.2 ms at 3 TB/s, if all decode all the time.
  const load = { concurrency: 8, promptTokens: 1500, outputTokens: 1000, requestsPerClient: 10, variedLengths: false };
  const run = (outputTokenSeconds: number | null, firstTokenSeconds = 0): ServingCase => ({
    ...{ load, costs: toyCosts, capacityBytes: 80e9, outputTokenSeconds, firstTokenSeconds },
  });

  test("reads more than the memory gives in the time of a token", () => {
    expect(isImpossibleRun(run(3.19e-3), 3e12)).toBe(true);
    expect(isImpossibleRun(run(3.21e-3), 3e12)).toBe(false);
    expect(isImpossibleRun(run(null), 3e12)).toBe(false);
  });

  test("counts the requests that decode, by their own times: half of them where the first token takes as long as the rest", () => {
    // 8 GB and half of 1.6 GB: 2.933 ms.
    expect(isImpossibleRun(run(2.95e-3, 2.95), 3e12)).toBe(false);
    expect(isImpossibleRun(run(2.92e-3, 2.92), 3e12)).toBe(true);
  });

  test("nothing that the formula makes itself is impossible", () => {
    for (const one of runsOf(mixed, nothingAdded)) expect(isImpossibleRun(one, 1e12)).toBe(false);
  });
});
