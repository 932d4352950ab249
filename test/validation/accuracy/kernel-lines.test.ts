import { describe, expect, test } from "vitest";
import { executionProfiles } from "../../../src/timing/engines.ts";
import { withSimpleErrors } from "../../../src/validation/accuracy/held-out-rows.ts";
import { kernelLines, stepLines } from "../../../src/validation/accuracy/kernel-lines.ts";
import { calibrate } from "../../../src/validation/calibrate.ts";
import { errorStatistics } from "../../../src/validation/error-statistics.ts";
import { h100Tables, measuredH100 } from "../../fixtures/measurements.ts";
import { hardwareProfile } from "../../fixtures/profiles.ts";

const stated = hardwareProfile("h100-sxm");
const tables = h100Tables.map((table) => ({
  ...table,
  rows: table.rows.filter((row) => row.kind !== "attention" || row.kernel !== "sdpa_cudnn"),
}));
const result = calibrate({
  ...{ id: "test", tables, stated, measured: measuredH100(), copyShare: 0.79 },
  profile: executionProfiles["pytorch-graph"],
});

describe("lines of measured kernels", () => {
  const lines = kernelLines("kernels", "left out", result, stated, [
    { name: "attention", target: { median: 10 }, isOf: ({ kind }) => kind === "decode-attention" },
    { name: "linear", target: {}, isOf: ({ kind }) => kind === "linear" },
    { name: "nothing", target: {}, isOf: () => false },
  ]);

  test("are one for each kind that is there, and one a kernel where there are several", () => {
    expect(lines.map(({ name, part }) => [name, part])).toEqual([
      ["attention", false],
      ["triton, bf16", true],
      ["sdpa_flash, bf16", true],
      ["linear", false],
    ]);
  });

  test("have the statistics of all their rows, and the coverage of all", () => {
    const [all, ...parts] = lines;
    const of = parts.slice(0, 2);
    expect(all?.errors.rows).toBe(of.reduce((sum, { errors }) => sum + errors.rows, 0));
    const samples = of.flatMap(({ rows }) =>
      rows.map(({ seconds, predictedSeconds }) => ({ measuredSeconds: seconds, predictedSeconds, interval: null })),
    );
    expect(all?.errors.medianAbsolutePercentageError).toBe(errorStatistics(samples).medianAbsolutePercentageError);
    const inside = of.reduce((sum, { errors }) => sum + (errors.coverage90! / 100) * errors.rows, 0);
    expect(all?.errors.coverage90).toBeCloseTo((100 * inside) / samples.length, 9);
  });

  test("get the errors of simpler formulas, which are larger", () => {
    const [, triton, , linear] = withSimpleErrors(lines, true);
    for (const line of [triton, linear]) {
      expect(line?.simple?.roofline).toBeGreaterThan(20);
      expect(line?.simple?.["one affine fit"]).toBeGreaterThan(line!.errors.medianAbsolutePercentageError);
    }
    const [without] = withSimpleErrors(lines, false);
    expect(without?.simple?.["one affine fit"]).toBeNull();
  });
});

test("whole steps are predicted without a step of their model, within 7 %", () => {
  const [line, ...others] = stepLines(result, stated, "steps", { median: 2, maximum: 7 }, [4e-6, 0.9, 0.8]);
  expect(others).toEqual([]);
  expect(line?.errors.rows).toBe(13);
  expect(line?.errors.maxAbsolutePercentageError).toBeLessThan(7);
  expect(line?.simple?.roofline).toBeCloseTo(28.5, 0);
  expect(stepLines({ ...result, heldOutStepErrors: null }, stated, "steps", {}, null)).toEqual([]);
});
