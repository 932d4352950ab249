import { describe, expect, test } from "vitest";
import { curveGroups } from "../../../src/validation/plans/concurrency-curves.ts";
import { modelName, planLines } from "../../../src/validation/plans/plan-lines.ts";
import { plannedRun } from "../../fixtures/planned-runs.ts";

const measured = { firstTokenSeconds: 0.1, outputTokenSeconds: 0.01 };
const runs = [1, 4].map((tensorParallel) =>
  plannedRun({ tensorParallel }, measured, { firstTokenSeconds: 0.1, outputTokenSeconds: 0.0105 }),
);
const groups = curveGroups(runs).map((group, i) => ({ ...group, fitted: i === 0 ? 1 : 0 }));
const lines = planLines({ groups, fixedBatch: [] });

describe("lines of plans", () => {
  test("are two of each engine, model and number of devices, with 8 % to be reached, and two of each engine's simulation", () => {
    expect(lines.map(({ name }) => name)).toEqual([
      "vLLM, llama-3.1-8b, TP 1: TPOT over concurrency",
      "vLLM, llama-3.1-8b, TP 1: throughput over concurrency",
      "vLLM, llama-3.1-8b, TP 4: TPOT over concurrency",
      "vLLM, llama-3.1-8b, TP 4: throughput over concurrency",
      "vLLM, simulated: TPOT over concurrency",
      "vLLM, simulated: throughput over concurrency",
    ]);
    expect(lines.every(({ target, section }) => target.median === 8 && section === "plans")).toBe(true);
  });

  test("say which runs the constants saw", () => {
    expect(lines.map(({ split }) => split).slice(0, 4)).toEqual([
      ...["constants fitted on these runs", "constants fitted on these runs"],
      ...["constants of another model, or of fewer devices", "constants of another model, or of fewer devices"],
    ]);
  });

  test("hold the errors: 5 % of a token", () => {
    expect(lines[0]!.errors.medianAbsolutePercentageError).toBeCloseTo(5, 6);
  });
});

test("a model's name goes without its maker", () => {
  expect([modelName("Qwen/Qwen3-32B"), modelName("llama-3.1-8b")]).toEqual(["Qwen3-32B", "llama-3.1-8b"]);
});
