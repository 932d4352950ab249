import { describe, expect, test } from "vitest";
import { plannedRuns, throughput } from "../../../src/validation/plans/planned-runs.ts";
import { engineRun, machines, runsAsPlanned } from "../../fixtures/planned-runs.ts";

test("10 at once with 101 tokens, 1 s to the first and 0.04 s each: 1010 tokens in 5 s", () => {
  const run = engineRun({ concurrency: 10 });
  const load = { concurrency: 10, promptTokens: 1, outputTokens: 101, requestsPerClient: 10, variedLengths: false };
  expect(throughput({ run, load }, { firstTokenSeconds: 1, outputTokenSeconds: 0.04 })).toBeCloseTo(202, 9);
});

describe("runs as the planner sees them", () => {
  const made = runsAsPlanned([4, 16, 64].map((concurrency) => engineRun({ concurrency })));
  const { runs } = plannedRuns(made, machines);

  test("are predicted exactly in closed form where it made them", () => {
    expect(runs).toHaveLength(3);
    for (const { measured, closed } of runs) {
      expect(closed.firstTokenSeconds).toBe(measured.firstTokenSeconds);
      expect(closed.outputTokenSeconds).toBe(measured.outputTokenSeconds);
    }
  });

  test("decode at the same pace within 5 % by the simulation and by users spread over time", () => {
    for (const { closed, simulated, plan } of runs) {
      expect(Math.abs(simulated.outputTokenSeconds / closed.outputTokenSeconds - 1)).toBeLessThan(0.05);
      expect(Math.abs(plan.outputTokenSeconds / closed.outputTokenSeconds - 1)).toBeLessThan(0.05);
    }
  });

  test("have one replica for all concurrencies of a curve", () => {
    expect(new Set(runs.map(({ planned }) => planned)).size).toBe(1);
  });

  test("say whether constants were fitted on them: of one model those on one and two devices", () => {
    const both = plannedRuns([engineRun(), engineRun({ tensorParallel: 4 })], machines);
    expect(both.runs.map(({ isFitted }) => isFitted)).toEqual([true, false]);
  });

  test("of unknown engines, unknown models and without a time are left out", () => {
    const others = [engineRun({ engine: "other" }), engineRun({ model: "nobody's" })];
    const untimed = [engineRun({ firstTokenSeconds: null }), engineRun({ outputTokenSeconds: null })];
    expect(plannedRuns([...others, ...untimed], machines).runs).toEqual([]);
  });

  test("faster than their weights can be read are left out as impossible: 16 GB in 4 ms are 4 TB/s", () => {
    const fast = engineRun({ outputTokenSeconds: 0.004 });
    expect(plannedRuns([fast], machines)).toEqual({ runs: [], impossible: [fast] });
    expect(plannedRuns([engineRun({ outputTokenSeconds: 0.008 })], machines).impossible).toEqual([]);
  });
});
