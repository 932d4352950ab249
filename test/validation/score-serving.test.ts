import { describe, expect, it } from "vitest";
import { loadMeasurementTables } from "../../src/files/load-measurement-table.ts";
import { loadModel } from "../../src/files/load-model.ts";
import { servingProfiles } from "../../src/serving/serving-profiles.ts";
import { roofline } from "../../src/timing/roofline.ts";
import { type EngineRun, engineRuns } from "../../src/validation/engine-runs.ts";
import { predictServing } from "../../src/validation/fit-serving.ts";
import { type EngineScores, scoreServing, servingCases } from "../../src/validation/score-serving.ts";
import { measuredH100 } from "../fixtures/measurements.ts";
import { hardwareProfile, modelProfile } from "../fixtures/profiles.ts";
import { hasSharedTables, sharedTable } from "../fixtures/shared-tables.ts";

/** What the roofline at measured ceilings reaches with an engine's constants, medians and 90th percentiles in per cent. */
const limits = {
  vllm: { fitted: [2, 7], test: [7, 20], first: 25 },
  "trt-llm": { fitted: [4, 8], test: [7, 20], first: 25 },
  sglang: { fitted: [4, 8], test: [7, 20], first: 25 },
} as const;

describe("runs that an engine of known constants made", () => {
  const machine = {
    ...{ hardware: hardwareProfile("h100-sxm"), layerRatio: () => 1 },
    timing: () => roofline(hardwareProfile("h100-sxm")),
  };
  const known = { ...machine, model: (name: string) => (name === "nobody's" ? null : modelProfile(name)) };
  const run = (
    tensorParallel: number,
    concurrency: number,
    outputTokens: number,
    model = "llama-3.1-8b",
  ): EngineRun => ({
    ...{ engine: "vllm", engineVersion: "1", model, gpu: "H100", weights: "bf16", kvCache: null, tensorParallel },
    ...{ concurrency, promptTokens: 2000, outputTokens, outputTokenSeconds: null, firstTokenSeconds: null },
  });
  const { policy, constants } = servingProfiles.vllm;
  const made = (runs: readonly EngineRun[]): EngineRun[] =>
    servingCases(runs, servingProfiles.vllm, known).map((one, i) => {
      const { outputTokenSeconds, firstTokenSeconds } = predictServing(one, policy, constants);
      return { ...runs[i]!, outputTokenSeconds, firstTokenSeconds };
    });
  const grid = (devices: readonly number[]): EngineRun[] =>
    devices.flatMap((tp) => [4, 16, 64].flatMap((c) => [100, 500, 2000].map((osl) => run(tp, c, osl))));

  it("are predicted on more devices by a fit on few", () => {
    const [scores] = scoreServing(made(grid([1, 2, 4, 8])), known);
    expect(scores?.split).toBe("llama-3.1-8b: fitted on 1 and 2 devices, tested on more");
    expect(scores?.fitted?.outputToken?.rows).toBe(18);
    expect(scores?.test?.outputToken?.rows).toBe(18);
    expect(scores?.test?.outputToken?.medianAbsolutePercentageError).toBeLessThan(4);
    expect(scores?.test?.outputToken?.maxAbsolutePercentageError).toBeLessThan(10);
    expect(scores?.test?.firstToken?.maxAbsolutePercentageError).toBeLessThan(15);
  });

  it("are predicted exactly by the constants that ship where nothing can be fitted", () => {
    const [scores] = scoreServing(made(grid([8])), known);
    expect([scores?.fit, scores?.fitted]).toEqual([null, null]);
    expect(scores?.test?.outputToken?.maxAbsolutePercentageError).toBeCloseTo(0, 9);
    expect(scores?.test?.firstToken?.ninetiethPercentile).toBeCloseTo(0, 9);
  });

  it("of unknown engines and models are left out", () => {
    expect(scoreServing([{ ...run(1, 4, 100), engine: "other" }, run(1, 4, 100, "nobody's")], known)).toEqual([]);
  });

  it("without a time to the first token have no error of it", () => {
    const runs = made(grid([8])).map((each) => ({ ...each, firstTokenSeconds: null }));
    const [scores] = scoreServing(runs, known);
    expect(scores?.test?.firstToken).toBeNull();
    expect(scores?.test?.outputToken?.rows).toBe(9);
  });
});

describe.skipIf(!hasSharedTables)("published runs of serving engines", async () => {
  const tables = hasSharedTables ? await loadMeasurementTables([sharedTable("engine-runs.csv")]) : [];
  const runs = engineRuns(tables.flatMap(({ rows }) => rows.flatMap((row) => (row.kind === "engine" ? [row] : []))));
  const hardware = measuredH100();
  const scores: EngineScores[] = hasSharedTables
    ? scoreServing(runs, { hardware, timing: () => roofline(hardware), layerRatio: () => 1, model: loadModel })
    : [];

  it("are all there: three engines", () => {
    expect(runs).toHaveLength(402);
    expect(scores.map(({ engine }) => engine)).toEqual(["vllm", "trt-llm", "sglang"]);
  });

  it("two of them are faster than their weights and caches can be read", () => {
    const impossible = scores.flatMap(({ runs: all }) => all.filter(({ part }) => part === "impossible"));
    expect(impossible.map(({ run }) => [run.engine, run.promptTokens, run.concurrency])).toEqual([
      ["vllm", 4000, 48],
      ["vllm", 4000, 24],
    ]);
  });

  it.each(Object.keys(limits) as (keyof typeof limits)[])("of %s are predicted where no fit saw them", (engine) => {
    const { fitted, test: tested, constants } = scores.find((each) => each.engine === engine)!;
    const limit = limits[engine];
    expect(fitted?.outputToken?.medianAbsolutePercentageError).toBeLessThan(limit.fitted[0]);
    expect(fitted?.outputToken?.ninetiethPercentile).toBeLessThan(limit.fitted[1]);
    expect(tested?.outputToken?.medianAbsolutePercentageError).toBeLessThan(limit.test[0]);
    expect(tested?.outputToken?.ninetiethPercentile).toBeLessThan(limit.test[1]);
    expect(tested?.firstToken?.medianAbsolutePercentageError).toBeLessThan(limit.first);
    // The roofline of counted bytes alone.
    expect(tested?.rooflineOutputToken?.medianAbsolutePercentageError).toBeGreaterThan(45);
    for (const share of [constants.memoryEfficiency, constants.computeEfficiency, constants.linkEfficiency])
      expect(share).toBeLessThanOrEqual(1);
  });
});
