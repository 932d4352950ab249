/** Plans against others' tables, where they lie beside the project: the bounds that were asked for. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { shippedCalibrations } from "../../../src/files/load-calibration.ts";
import { loadMeasurementTables } from "../../../src/files/load-measurement-table.ts";
import { loadModel } from "../../../src/files/load-model.ts";
import { engineRowsOf } from "../../../src/validation/accuracy/accuracy-specs.ts";
import { engineRuns } from "../../../src/validation/engine-runs.ts";
import { type CurveGroup, curveGroups, type Knee, knees } from "../../../src/validation/plans/concurrency-curves.ts";
import { type EnginePlans, fixedBatchPlans } from "../../../src/validation/plans/fixed-batch-plans.ts";
import { leastDevices } from "../../../src/validation/plans/least-devices.ts";
import { groupName } from "../../../src/validation/plans/plan-lines.ts";
import { type PlannedRuns, plannedRuns } from "../../../src/validation/plans/planned-runs.ts";
import { queuedRuns } from "../../../src/validation/plans/queued-runs.ts";
import { traceFigures } from "../../../src/validation/plans/trace-figures.ts";
import { tracePlan } from "../../../src/validation/plans/trace-plans.ts";
import { type PublishedScores, scorePublishedRuns } from "../../../src/validation/published-runs.ts";
import { arePublishedRunsHere, publishedCeilings, publishedRows, shippedProfiles } from "../../fixtures/engine-rows.ts";
import { h100, machines, shippedEngine } from "../../fixtures/planned-runs.ts";
import { hasSharedTables, sharedTable } from "../../fixtures/shared-tables.ts";

describe.skipIf(!hasSharedTables)("402 runs of serving engines on H100s, as the planner has them", () => {
  let all: PlannedRuns;
  let groups: readonly CurveGroup[];
  let bends: readonly Knee[];
  beforeAll(async () => {
    const rows = engineRowsOf(await loadMeasurementTables([sharedTable("engine-runs.csv")]));
    all = plannedRuns(engineRuns(rows), { ...machines, model: loadModel });
    groups = curveGroups(all.runs);
    bends = knees(all.runs);
  });

  test("are 400 of three engines, two models and 1 to 8 devices, and two that no machine could have made", () => {
    expect([all.runs.length, all.impossible.length, groups.length]).toEqual([400, 2, 14]);
  });

  test("have TPOT and throughput within 8 % in the median, for each engine, model and number of devices", () => {
    for (const group of groups) {
      expect(group.closed.outputToken.medianAbsolutePercentageError, groupName(group)).toBeLessThan(8);
      expect(group.closed.throughput.medianAbsolutePercentageError, groupName(group)).toBeLessThan(8);
    }
  });

  test("have them within 9 % in the simulation too, throughput within 8 %", () => {
    for (const group of groups) {
      expect(group.simulated.outputToken.medianAbsolutePercentageError, groupName(group)).toBeLessThan(9);
      expect(group.simulated.throughput.medianAbsolutePercentageError, groupName(group)).toBeLessThan(8);
    }
  });

  test("have every knee within one place of its grid, and four in five where it was measured", () => {
    expect(bends).toHaveLength(87);
    for (const by of ["closed", "simulated", "plan"] as const) {
      const off = bends.map((knee) => Math.abs(knee[by] - knee.measured));
      expect(Math.max(...off), by).toBeLessThanOrEqual(1);
    }
    expect(bends.filter(({ closed, measured }) => closed === measured).length).toBeGreaterThan(0.8 * bends.length);
  });

  test("that surely queued have more requests than slots, and wait as long within 10 % in the median", () => {
    const queued = queuedRuns(all.runs);
    expect(queued.surely.length).toBeGreaterThanOrEqual(10);
    expect(queued.missed).toEqual([]);
    expect(queued.beyond.length).toBeGreaterThanOrEqual(queued.surely.length);
    expect(queued.closed?.medianAbsolutePercentageError).toBeLessThan(10);
    expect(queued.simulated?.medianAbsolutePercentageError).toBeLessThan(10);
  });
});

describe.skipIf(!arePublishedRunsHere)("published runs of a fixed batch, each by the other half's constants", () => {
  let scores: PublishedScores;
  let plans: readonly EnginePlans[];
  const of = (id: string): EnginePlans => plans.find(({ engine }) => engine.id === id)!;
  beforeAll(async () => {
    scores = scorePublishedRuns(await publishedRows(), shippedProfiles, publishedCeilings());
    plans = fixedBatchPlans(scores, shippedCalibrations());
  });

  test.each(["trt-llm", "vllm-rocm"])("%s: throughput within 15 % in the median and in five runs of six", (id) => {
    expect(of(id).throughput?.medianAbsolutePercentageError).toBeLessThan(15);
    expect(of(id).within15Percent).toBeGreaterThan(83);
  });

  test("are refused for want of memory in at most 1 % of the runs that were made", () => {
    const made = plans.reduce((sum, each) => sum + each.plans.length, 0);
    expect(made).toBeGreaterThan(690);
    expect(plans.reduce((sum, { refused }) => sum + refused.length, 0)).toBeLessThanOrEqual(0.01 * made);
  });

  test("were never made on fewer devices than a plan has memory on, some of which are more than one", () => {
    const least = leastDevices(
      scores.engines.flatMap(({ runs }) => runs.map(({ run }) => run)),
      shippedCalibrations(),
    );
    for (const { planned, published, model, hardware } of least) {
      expect(planned ?? 99, `${model} on ${hardware}`).toBeLessThanOrEqual(published);
    }
    expect(least.filter(({ planned }) => (planned ?? 0) > 1).length).toBeGreaterThanOrEqual(8);
  });
});

describe.skipIf(!arePublishedRunsHere)("workloads of published traces", () => {
  const path = fileURLToPath(new URL("../../../../shared/published/traces.csv", import.meta.url));
  const traces = arePublishedRunsHere ? traceFigures(readFileSync(path, "utf8"), "traces.csv") : [];

  test("are five: Azure's code and conversations, Mooncake's two, arXiv's summaries", () => {
    expect(traces.map(({ name }) => name.split(" ")[0])).toEqual(["Azure", "Azure", "Mooncake", "Mooncake", "arXiv"]);
  });

  test.each(traces.map((trace) => [trace.name, trace] as const))(
    "%s: drawn with its figures within 5 %, on a fleet that keeps its objectives",
    (_name, trace) => {
      const plan = tracePlan(trace, {
        model: loadModel("llama-3.1-8b"),
        machine: { hardware: h100, pricePerHour: 3, ownedDevices: 0 },
        engineOn: (hardware) => shippedEngine("vllm", hardware),
        objectives: { ttftSeconds: 2, tpotSeconds: 0.05, endToEndSeconds: null, share: 0.95 },
      });
      for (const errors of [plan.input, plan.output]) {
        for (const [figure, error] of Object.entries(errors)) expect(Math.abs(error), figure).toBeLessThan(5);
      }
      expect(plan.fleet).not.toBeNull();
      expect(plan.simulated?.misses).toEqual([]);
    },
  );
});
