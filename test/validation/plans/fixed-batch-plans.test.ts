import { describe, expect, test } from "vitest";
import { shippedCalibrations } from "../../../src/files/load-calibration.ts";
import type { PlannedReplica } from "../../../src/planning/planned-replica.ts";
import { engineParameters } from "../../../src/timing/engine-fits.ts";
import { fixedBatchPlans, fixedBatchSeconds } from "../../../src/validation/plans/fixed-batch-plans.ts";
import { publishedRun } from "../../../src/validation/published/published-run.ts";
import { runSeconds } from "../../../src/validation/published/run-sample.ts";
import { runWork } from "../../../src/validation/published/run-work.ts";
import { scorePublishedRuns } from "../../../src/validation/published-runs.ts";
import { engineRow, shippedProfiles } from "../../fixtures/engine-rows.ts";

test("a batch of 4 takes its prompts and a step for each token after the first: 0.4 + 9 × 0.02 s", () => {
  const stepSeconds = (sequences: number, context: number, tokens: number): number => {
    if (tokens > 0) return tokens / 1000;
    expect([sequences, context]).toEqual([4, 105]);
    return 0.02;
  };
  const planned = { steps: { stepSeconds } } as unknown as Pick<PlannedReplica, "steps">;
  expect(fixedBatchSeconds(planned, { batch: 4, inputTokens: 100, outputTokens: 10 })).toBeCloseTo(0.58, 12);
});

describe("runs that an engine of the constants that ship made", () => {
  const machines = ["A100-SXM-80GB", "H100-SXM-80GB", "H200-SXM-141GB", "L40S"];
  const rows = machines.flatMap((hardware) =>
    [1, 8, 32, 64].flatMap((concurrency) =>
      [128, 1024].map((osl) => {
        const cells = { hardware, concurrency, osl, precision: hardware.startsWith("A100") ? "fp16" : "fp8" };
        const run = publishedRun(engineRow({ ...cells, metric: "latency_s", value: 1 }), shippedProfiles);
        if (typeof run === "string") throw new Error(run);
        const read = run.hardware.memoryBandwidthBytesPerSecond * run.engine.fit.readShare;
        const value = runSeconds(engineParameters(run.engine.fit), runWork(run, read).call);
        return engineRow({ ...cells, metric: "latency_s", value });
      }),
    ),
  );
  const [plans] = fixedBatchPlans(scorePublishedRuns(rows, shippedProfiles), shippedCalibrations());

  test("are predicted by the planner's replica within 5 % in the median, each half by the other's constants", () => {
    expect(plans?.throughput?.rows).toBe(rows.length);
    expect(plans?.throughput?.medianAbsolutePercentageError).toBeLessThan(5);
    expect(plans?.within15Percent).toBeGreaterThan(90);
  });

  test("are refused where their batch has no room, and not where it has", () => {
    expect(plans?.refused).toEqual([]);
    const first = plans!.plans.find(({ run }) => run.hardware.id === "l40s")!;
    // 48 GB less 7 GB of weights hold some 80,000 rows of 8-bit keys and values of 262 kB, 300 requests of 256 rows.
    expect(first.fitting).toBeGreaterThan(100);
    expect(first.fitting).toBeLessThan(1200);
  });
});
