import { describe, expect, it } from "vitest";
import { labelledProfiles } from "../../../src/files/labelled-profiles.ts";
import { shippedCalibrations } from "../../../src/files/load-calibration.ts";
import { loadMeasurementTables } from "../../../src/files/load-measurement-table.ts";
import { type ErrorGroup, validateTables } from "../../../src/validation/validate.ts";
import { hasSharedTables, sharedTable } from "../../fixtures/shared-tables.ts";

/**
 * Medians in per cent of the tables that the shipped constants were fitted on, part of them or all: no test of the constants, but of
 * the way that rows take to them.
 */
const limits: Readonly<Record<string, number>> = {
  vllm: 6,
  "trt-llm": 7,
  sglang: 7,
  "vllm-rocm": 5,
  "trt-llm, fixed batch": 8,
  "llama.cpp-cuda": 4,
  "llama.cpp-metal": 6,
  "gpt-fast": 5,
};

describe.skipIf(!hasSharedTables)("published results of engines", async () => {
  const published = ["rocm-vllm-docker.csv", "trtllm-0.5-0.9.csv", "local-llamacpp-gptfast-mlc.csv"];
  const paths = [sharedTable("engine-runs.csv"), ...published.map((name) => sharedTable("..", "published", name))];
  const tables = hasSharedTables ? await loadMeasurementTables(paths) : [];
  const options = { profiles: labelledProfiles(), calibrations: shippedCalibrations() };
  const validation = hasSharedTables ? validateTables(tables, null, options) : null;
  const groups = (validation?.kinds.engine?.groups ?? []) as readonly ErrorGroup[];

  it("are predicted by their engines' constants", () => {
    const engines = groups.filter(({ by }) => by === "engine");
    expect(engines.map(({ name }) => name).sort()).toEqual(Object.keys(limits).sort());
    for (const { name, medianAbsolutePercentageError } of engines)
      expect(medianAbsolutePercentageError, name).toBeLessThan(limits[name]!);
  });

  it("lie in their intervals, nine of ten", () => {
    expect(validation?.kinds.engine?.coverage90).toBeGreaterThan(88);
    for (const { by, name, coverage90 } of groups) if (by === "engine") expect(coverage90, name).toBeGreaterThan(85);
  });

  it("are compared or left out with a reason, every one", () => {
    const rows = tables.reduce((sum, table) => sum + table.rows.length, 0);
    const left = (validation?.notes ?? []).flatMap(
      (note) => /^(\d+) rows? of (an )?engines? .*not predicted/.exec(note)?.[1] ?? [],
    );
    expect((validation?.compared.length ?? 0) + left.reduce((sum, count) => sum + Number(count), 0)).toBe(rows);
  });
});
