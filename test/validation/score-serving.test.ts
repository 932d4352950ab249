import { describe, expect, test } from "vitest";
import { loadMeasurementTables } from "../../src/files/load-measurement-table.ts";
import { loadModel } from "../../src/files/load-model.ts";
import { roofline } from "../../src/timing/roofline.ts";
import { engineRuns } from "../../src/validation/engine-runs.ts";
import { type EngineScores, scoreServing } from "../../src/validation/score-serving.ts";
import { measuredH100 } from "../fixtures/measurements.ts";
import { hasSharedTables, sharedTable } from "../fixtures/shared-tables.ts";

/** What the roofline at measured ceilings reaches with an engine's constants, medians and 90th percentiles in per cent. */
const limits = {
  vllm: { fitted: [2, 7], test: [7, 20], first: 25 },
  "trt-llm": { fitted: [4, 8], test: [7, 20], first: 25 },
  sglang: { fitted: [4, 8], test: [7, 20], first: 25 },
} as const;

describe.skipIf(!hasSharedTables)("published runs of serving engines", async () => {
  const tables = hasSharedTables ? await loadMeasurementTables([sharedTable("engine-runs.csv")]) : [];
  const runs = engineRuns(tables.flatMap(({ rows }) => rows.flatMap((row) => (row.kind === "engine" ? [row] : []))));
  const hardware = measuredH100();
  const scores: EngineScores[] = hasSharedTables
    ? scoreServing(runs, { hardware, timing: () => roofline(hardware), model: loadModel })
    : [];

  test("are all there: three engines", () => {
    expect(runs).toHaveLength(402);
    expect(scores.map(({ engine }) => engine)).toEqual(["vllm", "trt-llm", "sglang"]);
  });

  test("two of them are faster than their weights and caches can be read", () => {
    const impossible = scores.flatMap(({ runs: all }) => all.filter(({ part }) => part === "impossible"));
    expect(impossible.map(({ run }) => [run.engine, run.promptTokens, run.concurrency])).toEqual([
      ["vllm", 4000, 48],
      ["vllm", 4000, 24],
    ]);
  });

  test.each(Object.keys(limits) as (keyof typeof limits)[])("of %s are predicted where no fit saw them", (engine) => {
    const { fitted, test: tested, fit } = scores.find((each) => each.engine === engine)!;
    const limit = limits[engine];
    expect(fitted.outputToken.medianAbsolutePercentageError).toBeLessThan(limit.fitted[0]);
    expect(fitted.outputToken.ninetiethPercentile).toBeLessThan(limit.fitted[1]);
    expect(tested?.outputToken.medianAbsolutePercentageError).toBeLessThan(limit.test[0]);
    expect(tested?.outputToken.ninetiethPercentile).toBeLessThan(limit.test[1]);
    expect(tested?.firstToken.medianAbsolutePercentageError).toBeLessThan(limit.first);
    // The roofline of counted bytes alone.
    expect(tested?.rooflineOutputToken.medianAbsolutePercentageError).toBeGreaterThan(45);
    for (const share of [fit.constants.memoryEfficiency, fit.constants.computeEfficiency, fit.constants.linkEfficiency])
      expect(share).toBeLessThanOrEqual(1);
  });
});
