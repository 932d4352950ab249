import { describe, expect, it } from "vitest";
import { type GridRequest, gridRows, shuffledRows } from "../../src/measurement/grid.ts";
import { rowKey } from "../../src/measurement/measured-cells.ts";
import { stepShape } from "./shapes.ts";

const request: GridRequest = {
  backends: [{ name: "wasm", threads: [1, 2] }],
  temperature: "auto",
  lastCacheBytes: 1e6,
  attention: {
    formats: ["fp32", "bf16"],
    heads: 8,
    kvHeads: [8, 2, 1],
    headDims: [128],
    batches: [1, 4],
    contexts: [512, 4096],
  },
  linear: { formats: ["int8"], rows: [1, 8], shapes: [{ what: "up", k: 1024, n: 4096 }] },
  elementwise: {
    shapes: [{ op: "residual", dtype: "fp32", features: 1024, headDim: null, gated: null }],
    rows: [1],
  },
  steps: { models: [stepShape], weights: ["bf16"], kvCaches: ["bf16", "int8"], batches: [1], contexts: [8, 16, 32] },
};

describe("gridRows", () => {
  it("has every combination: 2 formats × 3 variants × 2 batches × 2 contexts, 2 linear, 1 small, 6 steps, on 2 threads", () => {
    const rows = gridRows(request);
    const of = (kind: string): number => rows.filter(({ shape }) => shape.kind === kind).length;
    expect([of("attention"), of("linear"), of("elementwise"), of("steps")]).toEqual([48, 4, 2, 12]);
    expect(new Set(rows.map(rowKey)).size).toBe(rows.length);
  });

  it("leaves out kinds that are not asked for, and rows that are asked for twice", () => {
    const { attention: _, steps: __, ...less } = request;
    expect(gridRows(less)).toHaveLength(6);
    const twice = { ...less, backends: [...less.backends, { name: "wasm" as const, threads: [2] }] };
    expect(gridRows(twice)).toHaveLength(6);
  });

  it("gives the reference its own format, whatever is asked for", () => {
    const rows = gridRows({ ...request, backends: [{ name: "reference", threads: [1] }] });
    expect(new Set(rows.map(({ shape }) => shape.dtype))).toEqual(new Set(["bits:64"]));
    // The formats asked for are one there: 12 attention, 2 linear, 1 small, 3 steps.
    expect(rows).toHaveLength(18);
  });

  it("takes small kernels cold where that is asked for", () => {
    const cold = gridRows({ ...request, temperature: "cold" });
    expect(cold.filter(({ shape }) => shape.kind === "elementwise").map((row) => row.cold)).toEqual([true, true]);
  });

  it("takes small kernels warm and what is too small for 32 copies too", () => {
    const rows = gridRows(request);
    for (const { shape, cold } of rows) {
      if (shape.kind === "elementwise" || shape.kind === "steps") expect(cold).toBe(false);
      else expect(cold).toBe(true);
    }
    const warm = gridRows({ ...request, temperature: "warm" }).filter(({ shape }) => shape.kind === "attention");
    expect(new Set(warm.map(({ cold }) => cold))).toEqual(new Set([true, false]));
    for (const { shape, cold } of warm) {
      // Cold all the same where the data alone passes twice the cache.
      if (shape.kind === "attention" && shape.kvHeads === 1 && shape.context === 512 && shape.batch === 1)
        expect(cold).toBe(false);
    }
  });
});

describe("gridRows of too much", () => {
  it("says how many rows were asked for before it makes one", () => {
    const many = Array.from({ length: 100_000 }, (_, i) => i + 1);
    const attention = { ...request.attention!, batches: many, contexts: many };
    // 2 formats × 3 variants × 10^5 batches × 10^5 contexts on 1 and 2 threads.
    const asked = { backends: request.backends, temperature: "auto", lastCacheBytes: 1e6, attention } as const;
    expect(() => gridRows(asked)).toThrow("invalid grid: 120,000,000,000 rows (at most 100,000)");
  });
});

describe("shuffledRows", () => {
  it("is a permutation that its seed gives again and another seed does not", () => {
    const rows = gridRows(request);
    const keys = (seed: number): string[] => shuffledRows(rows, seed).map(rowKey);
    expect(keys(1)).toEqual(keys(1));
    expect(keys(2)).not.toEqual(keys(1));
    expect(keys(1)).not.toEqual(rows.map(rowKey));
    expect([...keys(1)].sort()).toEqual(rows.map(rowKey).sort());
  });
});
