import { describe, expect, it } from "vitest";
import { fitText } from "../../src/cli/fit-text.ts";
import { fitPage } from "../../src/reporting/fit-page.ts";
import { executionProfiles } from "../../src/timing/engines.ts";
import { calibrate } from "../../src/validation/calibrate.ts";
import { normalNoise, roundHardware, syntheticTable, type TableOptions } from "../fixtures/synthetic-fit.ts";

function fitted(kinds: readonly ("linear" | "attention" | "steps")[], options: TableOptions = {}) {
  return calibrate({
    ...{ id: "made-up", stated: roundHardware, measured: roundHardware, profile: executionProfiles["pytorch-graph"] },
    tables: kinds.map((kind) => syntheticTable(kind, { noise: normalNoise(0.03), ...options })),
  });
}

describe("fitPage", () => {
  const page = fitPage(fitted(["linear", "steps"]), "a | table <of> mine");

  it("shows each family's errors and parameters, the steps' start-up by model, and the charts that it has", () => {
    expect(page.text).toMatch(/^# Fit made-up: round\n/);
    expect(page.text).toContain("linear, unnamed, bf16");
    expect(page.text).toContain("startSeconds");
    expect(page.text).toMatch(/A small kernel starts in [\d.]+ µs \(.* without seven, .* without eight\)/);
    expect([...page.charts.keys()]).toEqual([
      "linear-predicted-against-measured",
      "linear-prediction-error",
      "steps-prediction-error",
    ]);
    for (const name of page.charts.keys()) {
      if (!name.includes("steps")) expect(page.text).toContain(`${name}.light.svg`);
    }
  });

  it("keeps what the source says from being Markdown or HTML, and holds no number that is none", () => {
    expect(page.text).not.toContain("<of>");
    expect(page.text).not.toMatch(/NaN|Infinity|undefined/);
  });

  it("lists every row that was held out, with its table's place", () => {
    const lines = page.residualsCsv.trimEnd().split("\n");
    expect(lines).toHaveLength(43);
    expect(lines[1]).toMatch(/^linear,unnamed,bf16,linear\.csv,2,/);
  });

  it("has no chart of what was not left out, and no section of steps without steps", () => {
    const one = fitPage(fitted(["attention"], { keep: (cells) => cells[5] === 8 || cells[5] === 32 }), "mine");
    expect([...one.charts.keys()]).toEqual([
      "decode-attention-predicted-against-measured",
      "decode-attention-prediction-error",
    ]);
    expect(one.text).not.toContain("## Whole steps");
  });
});

describe("fitText", () => {
  it("prints errors, parameters with units and bounds, the start-up of steps, and notes", () => {
    const text = fitText(fitted(["linear", "steps"]));
    expect(text).toMatch(/\nlinear, unnamed, bf16 +42 +6 +[\d.]+ /);
    expect(text).toMatch(/startSeconds [\d.]+ µs, readEfficiency 0\.\d+/);
    expect(text).toMatch(/small kernels, of whole steps\n {4}startSeconds [\d.]+ µs\n/);
    const oneGroup = syntheticTable("linear", { keep: (cells) => cells[4] === 11008 });
    const table = { ...oneGroup, rows: [1, 2, 3].flatMap(() => oneGroup.rows) };
    const request = { id: "x", stated: roundHardware, measured: roundHardware, profile: executionProfiles.vllm };
    expect(fitText(calibrate({ ...request, tables: [table] }))).toMatch(/\nnote: linear, .*: of one group only/);
  });
});
