import { describe, expect, test } from "vitest";
import { roofline } from "../../../src/timing/roofline.ts";
import { publishedLines, servingLines } from "../../../src/validation/accuracy/engine-lines.ts";
import type { EngineScore } from "../../../src/validation/published-runs.ts";
import type { EngineScores, ScoredRun, ServingMachine } from "../../../src/validation/score-serving.ts";
import { accuracyLine } from "../../fixtures/accuracy-lines.ts";
import { hardwareProfile, modelProfile } from "../../fixtures/profiles.ts";

const { errors } = accuracyLine();
const hardware = hardwareProfile("h100-sxm");
const machine: ServingMachine = {
  hardware,
  timing: () => roofline(hardware),
  layerRatio: () => 1,
  model: modelProfile,
};

function scored(part: ScoredRun["part"], outputTokenSeconds: number | null, rooflineSeconds: number): ScoredRun {
  return {
    run: {
      ...{ engine: "vllm", engineVersion: null, model: "llama-2-7b", weights: "bf16", kvCache: null },
      ...{ tensorParallel: 1, concurrency: 8, promptTokens: 1000, outputTokens: 100 },
      ...{ outputTokenSeconds, firstTokenSeconds: null },
    },
    ...{ part, outputTokenSeconds: 0.01, firstTokenSeconds: 0.1, admitted: 8, rooflineSeconds },
  };
}

describe("serving engines", () => {
  const part = {
    outputToken: { ...errors, ninetiethPercentile: 5 },
    firstToken: { ...errors, medianAbsolutePercentageError: 12, ninetiethPercentile: 30 },
    rooflineOutputToken: { ...errors, ninetiethPercentile: 80 },
  };
  const scores = {
    ...{ engine: "vllm", split: "fitted on one model", fit: {}, fitted: part, test: part },
    runs: [
      scored("test", 0.02, 0.005),
      scored("test", 0.02, 0.01),
      scored("test", null, 0.01),
      scored("fitted", 1, 0.1),
    ],
  } as unknown as EngineScores;
  const [output, first, ...others] = servingLines(
    [scores, { ...scores, test: null }, { ...scores, fit: null }],
    machine,
  );

  test("have a line an output token and one to the first, of the runs tested alone", () => {
    expect(others).toEqual([]);
    expect(output).toMatchObject({ name: "vLLM: an output token", percentile90: 5 });
    expect(output?.errors.medianAbsolutePercentageError).toBe(2);
    expect(first?.errors.medianAbsolutePercentageError).toBe(12);
    expect(first?.simple).toBeNull();
  });

  test("stand beside the roofline of the tested runs that have a time: 75 and 50 % off", () => {
    expect(output?.simple?.roofline).toBeCloseTo(62.5, 9);
    // 387 kernels of Llama-2-7B at 3 µs are 1.2 ms: 0.0074 and 0.0137 of 0.02 s.
    expect(output?.simple?.["80 % + 3 µs"]).toBeCloseTo(
      100 - (100 * (0.005 / 0.8 + 0.01 / 0.8 + 2 * 387 * 3e-6)) / 0.04,
      6,
    );
    expect(output?.simple?.["one affine fit"]).toBeNull();
  });
});

test("published runs have a line an engine with both halves below it; an engine without halves has none", () => {
  const peers = { roofline: { ...errors, medianAbsolutePercentageError: 40 }, "80 % + 3 µs": errors };
  const score = {
    engine: { halvesBy: "machine", fit: { name: "llama.cpp" } },
    halves: [
      { names: ["a", "b"], tested: errors },
      { names: ["c"], tested: { ...errors, medianAbsolutePercentageError: 11 } },
    ],
    ...{ heldOut: errors, percentile90: 15, peers },
  } as unknown as EngineScore;
  const lines = publishedLines([score, { ...score, heldOut: null }]);
  expect(lines.map(({ name, part }) => [name, part])).toEqual([
    ["llama.cpp", false],
    ["llama.cpp: a, b", true],
    ["llama.cpp: c", true],
  ]);
  expect(lines.map(({ target }) => target)).toEqual([{}, { median: 12 }, { median: 12 }]);
  expect(lines[0]?.simple).toEqual({ roofline: 40, "80 % + 3 µs": 2, "one affine fit": null });
});
