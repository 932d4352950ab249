import { describe, expect, test } from "vitest";
import { accuracyCharts } from "../../src/reporting/accuracy-charts.ts";
import { accuracyPage } from "../../src/reporting/accuracy-page.ts";
import { executionProfiles } from "../../src/timing/engines.ts";
import { calibrate } from "../../src/validation/calibrate.ts";
import { curveGroups } from "../../src/validation/plans/concurrency-curves.ts";
import type { RunTimes } from "../../src/validation/plans/planned-runs.ts";
import { accuracyLine } from "../fixtures/accuracy-lines.ts";
import { h100Tables, measuredH100 } from "../fixtures/measurements.ts";
import { plannedRun } from "../fixtures/planned-runs.ts";
import { hardwareProfile } from "../fixtures/profiles.ts";

const lines = [
  accuracyLine({
    section: "steps",
    name: "whole steps",
    target: { median: 2, maximum: 6.9 },
    whyNot: "too few models",
  }),
  accuracyLine({ target: { median: 3, coverage: [85, 95] } }),
  accuracyLine({ name: "triton, bf16", target: {}, part: true, simple: null }),
  accuracyLine({
    section: "tables",
    name: "a <table>",
    target: {},
    simple: { ...accuracyLine().simple!, roofline: 1 },
  }),
];
const published = { engines: [], leftOut: [] };
const page = accuracyPage(
  { lines, charts: new Map(), published, notes: ["12 rows are left out"] },
  "PUBLISHED",
  "PLANS",
);

describe("the accuracy page", () => {
  test("counts what is reached and names what is not, with both figures", () => {
    expect(page.text).toContain("3 of 4 figures that were to be reached are.");
    expect(page.text).toContain("- whole steps, maximum: 7.0 %, wanted ≤ 6.9 %: too few models\n");
    expect(page.text).toContain("| whole steps | median | ≤ 2 % | 2.0 % | ✓ |");
    expect(page.text).toContain("|  | maximum | ≤ 6.9 % | 7.0 % | not reached |");
  });

  test("names the lines on which a simpler formula is nearer", () => {
    expect(page.text).toContain("Nearer than Ridgepoint: roofline on a &#60;table&#62;.");
    const ahead = accuracyPage({ lines: lines.slice(0, 2), charts: new Map(), published, notes: [] }, "");
    expect(ahead.text).toContain("Ridgepoint is nearer on every line.");
  });

  test("says of few rows how many lie inside, of parts nothing in the comparison, and every note", () => {
    expect(page.text).toContain("| 108 of 120 | 5.0 % |");
    expect(page.text).toMatch(/\| – triton, bf16 \|/);
    expect(page.text.match(/\*\*2\.0 %\*\*/g)).toHaveLength(3);
    expect(page.text).toContain("## Notes\n\n- 12 rows are left out.");
    expect(page.text).toContain("PUBLISHED");
    expect(page.text).toContain("## Plans and serving");
    expect(page.text).toContain("PLANS");
    expect(page.text).not.toMatch(/NaN|undefined|null/);
  });

  test("has each line in its CSV, rounded to what any machine reproduces", () => {
    const rows = page.csv.trim().split("\n");
    expect(rows).toHaveLength(1 + lines.length);
    expect(rows[1]).toContain("whole steps,a group left out,120,2,,6,7,-0.5,90,5,26,12,6,");
    expect(rows[1]?.endsWith(",no")).toBe(true);
    expect(rows[2]?.endsWith(",yes")).toBe(true);
  });
});

test("own rows are drawn as points, coverage a dot a line, sizes as quantiles, formulas as bars", () => {
  const own = calibrate({
    ...{ id: "test", tables: h100Tables, stated: hardwareProfile("h100-sxm"), measured: measuredH100() },
    profile: executionProfiles["pytorch-graph"],
  });
  const [measuredTimes, predicted] = [1, 1.1].map((factor) => {
    return { firstTokenSeconds: 0.1 * factor, outputTokenSeconds: 0.01 * factor };
  }) as [RunTimes, RunTimes];
  const groups = curveGroups([plannedRun({}, measuredTimes, predicted)]);
  const errors = [{ fromBytes: 1e6, rows: 40, medianPercent: 3.21, percentile90: 9.87 }];
  const charts = accuracyCharts({ lines, own, sizes: [{ name: "attention", errors }], plans: { groups } });
  expect([...charts.keys()]).toEqual([
    "comparison",
    "comparison-kernels",
    "steps-predicted-against-measured",
    "steps-prediction-error",
    "attention-predicted-against-measured",
    "attention-prediction-error",
    "linear-predicted-against-measured",
    "linear-prediction-error",
    "coverage",
    "error-by-size",
    "plans-over-concurrency",
  ]);
  expect(charts.get("plans-over-concurrency")?.spec.data.values).toHaveLength(4);
  expect(charts.get("plans-over-concurrency")?.spec.data.values[0]).toMatchObject({ medianPercent: 10 });
  expect(charts.get("steps-prediction-error")?.spec.data.values).toHaveLength(13);
  expect(charts.get("linear-prediction-error")?.spec.data.values).toHaveLength(132);
  expect(charts.get("coverage")?.spec.data.values).toHaveLength(2);
  expect(charts.get("error-by-size")?.spec.data.values[0]).toMatchObject({ medianPercent: 3.2, percentile90: 9.9 });
  expect(charts.get("comparison")?.spec.data.values).toHaveLength(4 * 3);
  expect(charts.get("comparison-kernels")?.spec.data.values).toHaveLength(4 * 3);
});
