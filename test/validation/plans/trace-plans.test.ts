import { describe, expect, test } from "vitest";
import { fixedLength, quantileLengths } from "../../../src/serving/length-distribution.ts";
import type { LengthFigures, TraceFigures } from "../../../src/validation/plans/trace-figures.ts";
import { type TraceQuestion, tracePlan } from "../../../src/validation/plans/trace-plans.ts";
import { h100, shippedEngine } from "../../fixtures/planned-runs.ts";
import { modelProfile } from "../../fixtures/profiles.ts";

const quantiles = { p50: 400, p90: 1000, p99: 3000 };
const drawn = quantileLengths({ ...quantiles, max: 4000 });
const input: LengthFigures = { lengths: drawn, mean: drawn.mean, quantiles };
const output: LengthFigures = { lengths: fixedLength(100), mean: 110, quantiles: { p50: 100 } };
const trace: TraceFigures = { name: "made up", input, output, requestsPerSecond: 3 };
const objectives = { ttftSeconds: 1, tpotSeconds: 0.05, endToEndSeconds: null, share: 0.95 };
const question: TraceQuestion = {
  ...{ model: modelProfile("llama-3.1-8b"), objectives },
  machine: { hardware: h100, pricePerHour: 3, ownedDevices: 0 },
  engineOn: (hardware) => shippedEngine("vllm", hardware),
};

describe("the plan of a trace", () => {
  const plan = tracePlan(trace, question);

  test("draws requests with the table's figures within 2 %, and says how far off a mean is: 100 against 110", () => {
    for (const error of Object.values(plan.input)) expect(Math.abs(error)).toBeLessThan(2);
    expect(plan.output.mean).toBeCloseTo(100 * (100 / 110 - 1), 9);
    expect(plan.output.p90).toBeNaN();
  });

  test("is the cheapest fleet, and keeps its objectives in the simulation", () => {
    expect(plan.fleet).toBe("1 × TP 1");
    expect(plan.simulated?.misses).toEqual([]);
    expect(plan.simulated?.result.requests.completed).toBe(20_000);
  });

  test("is none where no fleet holds the objectives", () => {
    const hopeless = { ...question, objectives: { ...objectives, tpotSeconds: 1e-6 } };
    expect(tracePlan(trace, hopeless)).toMatchObject({ fleet: null, simulated: null });
  });
});
