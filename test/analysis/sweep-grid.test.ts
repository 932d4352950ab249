import { describe, expect, it } from "vitest";
import {
  combinationAt,
  maxSweepRows,
  pointAt,
  pointsPerCombination,
  sweepAxes,
  sweepRows,
} from "../../src/analysis/sweep-grid.ts";
import { parseNumberFormat } from "../../src/quantity/number-format.ts";
import { modelProfile } from "../fixtures/profiles.ts";
import { smallGrid } from "../support/small-sweep.ts";

const grid = smallGrid({
  models: [modelProfile("llama-2-7b"), modelProfile("llama-3.1-8b")],
  attentions: ["mha", "mqa", "gqa:8"],
  weights: [null, parseNumberFormat("fp8")],
  tensorParallel: [1, 2],
  queryTokens: [1, 4],
  batches: [1, 16],
  contexts: [512, 1024, 2048],
});

describe("a sweep's grid", () => {
  it("has the product of its axes as rows", () => {
    expect(sweepRows(smallGrid())).toBe(1);
    expect(sweepRows(grid)).toBe(2 * 3 * 2 * 2 * 2 * 2 * 3);
    expect(pointsPerCombination(grid)).toBe(2 * 2 * 3);
  });

  it("counts contexts first, then batches, then query tokens", () => {
    expect(pointAt(grid, 0)).toEqual({ queryTokens: 1, batch: 1, context: 512 });
    expect(pointAt(grid, 1)).toEqual({ queryTokens: 1, batch: 1, context: 1024 });
    expect(pointAt(grid, 3)).toEqual({ queryTokens: 1, batch: 16, context: 512 });
    expect(pointAt(grid, 6)).toEqual({ queryTokens: 4, batch: 1, context: 512 });
    expect(pointAt(grid, 11)).toEqual({ queryTokens: 4, batch: 16, context: 2048 });
  });

  it("then tensor parallelism, formats, attention and last the model", () => {
    const named = (index: number) => {
      const { model, attention, step } = combinationAt(grid, index);
      return [model.id, attention, step.weights?.id ?? "published", step.parallelism.tensor].join(" ");
    };
    expect([0, 1, 2, 4, 12, 23].map(named)).toEqual([
      "llama-2-7b mha published 1",
      "llama-2-7b mha published 2",
      "llama-2-7b mha fp8 1",
      "llama-2-7b mqa published 1",
      "llama-3.1-8b mha published 1",
      "llama-3.1-8b gqa:8 fp8 2",
    ]);
  });

  it("numbers every combination and point once", () => {
    const seen = new Set<string>();
    for (let row = 0; row < sweepRows(grid); row++) {
      const { model, attention, step } = combinationAt(grid, Math.floor(row / pointsPerCombination(grid)));
      const point = pointAt(grid, row % pointsPerCombination(grid));
      seen.add(JSON.stringify([model.id, attention, step.weights?.id, step.parallelism, point]));
    }
    expect(seen.size).toBe(sweepRows(grid));
  });

  it("takes a billion rows and not one axis value more", () => {
    const thousand = Array.from({ length: 1000 }, (_, i) => i + 1);
    const billion = smallGrid({ queryTokens: thousand, batches: thousand, contexts: thousand });
    expect(sweepRows(billion)).toBe(maxSweepRows);
    expect(() => sweepRows({ ...billion, contexts: [...thousand, 1001] })).toThrow(
      "invalid sweep: 1001000000 rows (at most 1000000000; the grid is 1000 queryTokens x 1000 batch x 1001 context)",
    );
  });

  it("refuses an empty axis by name", () => {
    for (const [name] of sweepAxes(grid)) expect(name).toMatch(/^[a-zA-Z]+$/);
    expect(() => sweepRows(smallGrid({ batches: [] }))).toThrow("invalid batch: nothing (wants at least one value)");
  });
});
