import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { predictStep, stepPredictor } from "../../src/analysis/predict-step.ts";
import { sweepEvaluator } from "../../src/analysis/sweep-chunk.ts";
import { combinationAt, pointAt, pointsPerCombination, sweepRows } from "../../src/analysis/sweep-grid.ts";
import { applyAttention } from "../../src/architecture/attention-variant.ts";
import { flatten } from "../../src/cli/output.ts";
import { parseNumberFormat } from "../../src/quantity/number-format.ts";
import { hardwareProfile, modelProfile } from "../fixtures/profiles.ts";
import { rowsOf, smallGrid } from "../support/small-sweep.ts";

const varied = smallGrid({
  models: ["llama-2-7b", "deepseek-v3", "flan-t5-xl", "gpt-oss-120b"].map(modelProfile),
  attentions: ["as-is", "mqa"],
  hardware: [hardwareProfile("h100-sxm"), hardwareProfile("v100-sxm-32g")],
  phases: ["decode", "prefill"],
  weights: [null, parseNumberFormat("int4")],
  tensorParallel: [1, 3],
  queryTokens: [null, 4],
  batches: [1, 300],
  contexts: [2, 4096],
});

describe("sweepEvaluator", () => {
  it("counts the first row as the published figures say", () => {
    // Llama-2-7B in bf16: 13,476,831,232 bytes of weights, 524,288 bytes of keys and values a token.
    const [row] = rowsOf(sweepEvaluator(smallGrid({ contexts: [512] }))(0, 1));
    expect(row).toMatchObject({
      status: "ok",
      model: "llama-2-7b",
      hardware: "h100-sxm",
      weights: "bf16",
      totals_kvBytes: 513 * 524_288,
      footprint_weightBytes: 13_476_831_232,
      footprint_cacheBytes: 512 * 524_288,
      capacityBytes: 85_017_493_504,
      fits: true,
      secondsIfItFitted: null,
      bound: "weights",
    });
  });

  it("tells published weights, whose parts may differ, from the format asked for", () => {
    const grid = smallGrid({ models: [modelProfile("gpt-oss-20b")], weights: [null, parseNumberFormat("mxfp4")] });
    const [published, asked] = rowsOf(sweepEvaluator(grid)(0, sweepRows(grid))).filter(
      (_, i, all) => i % (all.length / 2) === 0,
    );
    expect([published?.["weights"], asked?.["weights"]]).toEqual(["published", "mxfp4"]);
    expect(published?.["footprint_weightBytes"]).toBeGreaterThan(asked?.["footprint_weightBytes"] as number);
  });

  it("gives every row the values of predictStep, to the last bit", () => {
    const rows = rowsOf(sweepEvaluator(varied)(0, sweepRows(varied)));
    let compared = 0;
    rows.forEach((row, index) => {
      const { model, attention, hardware, step } = combinationAt(
        varied,
        Math.floor(index / pointsPerCombination(varied)),
      );
      const { queryTokens, batch, context } = pointAt(varied, index % pointsPerCombination(varied));
      const workload = { batch, context, beams: 1, ...(queryTokens === null ? {} : { queryTokens }) };
      const predict = () => predictStep(stepPredictor(applyAttention(model, attention), hardware, { step }), workload);
      if (row["status"] !== "ok") {
        expect(predict).toThrow();
        expect(row["seconds"]).toBeNull();
        return;
      }
      const { interval: _, ...expected } = flatten({ ...predict(), attention });
      expect(row).toMatchObject(expected);
      compared++;
    });
    expect(compared).toBeGreaterThan(rows.length / 4);
    expect(rows.some((row) => row["fits"] === false)).toBe(true);
  });

  it("has a column for every figure of a step", () => {
    const [row] = rowsOf(sweepEvaluator(smallGrid())(0, 1));
    const model = modelProfile("llama-2-7b");
    const prediction = predictStep(stepPredictor(model, hardwareProfile("h100-sxm")), { batch: 1, context: 2048 });
    const { interval: _, ...names } = flatten({ ...prediction });
    expect(Object.keys(row ?? {})).toEqual(expect.arrayContaining(Object.keys(names)));
  });

  it("marks what does not fit: no seconds, but those it would take", () => {
    const block = sweepEvaluator(smallGrid({ models: [modelProfile("llama-3.1-70b")] }))(0, 1);
    expect([block.notFitting, block.invalid]).toEqual([1, 0]);
    const [row] = rowsOf(block);
    expect(row).toMatchObject({ status: "ok", fits: false, seconds: null, tokensPerSecond: null, bound: null });
    expect(row?.["secondsIfItFitted"]).toBeGreaterThan(0.04);
  });

  it("makes a row of options that don't go together, with the reason as its status", () => {
    const grid = smallGrid({
      attentions: ["as-is", "gqa:5"],
      tensorParallel: [1, 3],
      queryTokens: [1, 8],
      contexts: [4, 16],
    });
    const block = sweepEvaluator(grid)(0, sweepRows(grid));
    const statuses = rowsOf(block).map((row) => row["status"]);
    expect(new Set(statuses)).toEqual(
      new Set([
        "ok",
        "invalid: queryTokens 8 (at most the context 4, which the new tokens are part of)",
        "invalid: tensorParallel 3 (must divide heads 32)",
        "invalid: attention gqa:5 (K/V heads must divide heads 32)",
      ]),
    );
    expect(statuses.filter((status) => status === "ok")).toHaveLength(3);
    expect(block.invalid).toBe(13);
    expect(rowsOf(block).at(-1)).toMatchObject({
      attention: "gqa:5",
      batch: 1,
      context: 16,
      totals_flops: null,
      fits: null,
    });
  });

  it("makes a row of a format that a machine can't multiply", () => {
    const grid = smallGrid({ hardware: [hardwareProfile("v100-sxm-32g")], activations: [parseNumberFormat("fp8")] });
    const [row] = rowsOf(sweepEvaluator(grid)(0, 1));
    expect(row?.["status"]).toMatch(/^invalid: .*fp8/);
  });

  it("gives the same rows however the grid is cut", () => {
    const rows = sweepRows(varied);
    const whole = rowsOf(sweepEvaluator(varied)(0, rows));
    const evaluate = sweepEvaluator(varied);
    fc.assert(
      fc.property(fc.nat(rows - 1), fc.integer({ min: 1, max: 40 }), (from, size) => {
        const to = Math.min(rows, from + size);
        expect(rowsOf(evaluate(from, to))).toEqual(whole.slice(from, to));
      }),
      { numRuns: 60 },
    );
  });
});
