import { describe, expect, test } from "vitest";
import type { GridRow } from "../../src/measurement/measured-shape.ts";
import { variantOfHeads } from "../../src/measurement/measurement-row.ts";
import { shapeBytes } from "../../src/measurement/shape-bytes.ts";
import { hereGrid } from "../../src/validation/here-grid.ts";

const MiB = 2 ** 20;
const grids = [1, 8, 32, 64].flatMap((megabytes) =>
  [true, false].map((quick) => ({
    name: `${megabytes} MiB of last cache, ${quick ? "quick" : "whole"}`,
    lastCacheBytes: megabytes * MiB,
    quick,
    grid: hereGrid({ backend: "wasm", threads: 2, lastCacheBytes: megabytes * MiB, quick }),
  })),
);

describe.each(grids)("$name", ({ lastCacheBytes, quick, grid }) => {
  test("has whole steps of three architectures as MHA, GQA and MQA, all else equal, at the same contexts", () => {
    const models = new Map<string, string[]>();
    for (const { shape } of grid.steps) {
      const { kvHeads, context, ...rest } = shape;
      const key = JSON.stringify(rest);
      models.set(key, [...(models.get(key) ?? []), `${variantOfHeads(shape.heads, kvHeads)} ${context}`]);
    }
    expect(models.size).toBe(3);
    const contexts = quick ? [2048, 16384] : [2048, 8192, 16384];
    const all = ["MHA", "GQA", "MQA"].flatMap((variant) => contexts.map((context) => `${variant} ${context}`));
    for (const variants of models.values()) expect(variants).toEqual(all);
  });

  test("has steps whose weights pass the last cache twice, and layers of at most 64", () => {
    for (const { shape } of grid.steps) {
      expect(shape.layers).toBeLessThanOrEqual(64);
      if (shape.layers < 64) expect(shapeBytes(shape).weights).toBeGreaterThanOrEqual(2 * lastCacheBytes);
    }
  });

  test("has kernels in fp32 and bf16, int8 unless quick, of all variants", () => {
    const formats = (kind: string) =>
      [...new Set(grid.kernels.filter(({ shape }) => shape.kind === kind).map(({ shape }) => shape.dtype))].sort();
    const wanted = quick ? ["bf16", "fp32"] : ["bf16", "fp32", "int8"];
    expect(formats("attention")).toEqual(wanted);
    expect(formats("linear")).toEqual(wanted);
    const variants = grid.kernels.map(({ shape }) =>
      shape.kind === "attention" ? variantOfHeads(shape.heads, shape.kvHeads) : "none",
    );
    expect(new Set(variants)).toEqual(new Set(["MHA", "GQA", "MQA", "none"]));
  });

  test("takes linear layers and attention from memory, and small kernels warm, as a step has them", () => {
    for (const { shape, cold } of grid.kernels) expect(cold).toBe(shape.kind !== "elementwise");
  });

  test("has a pair of MHA and MQA that differ in their K/V heads alone, in each format, with longer and shorter MHA rows", () => {
    const attention = grid.kernels.flatMap(({ shape }) => (shape.kind === "attention" ? [shape] : []));
    for (const dtype of quick ? ["fp32", "bf16"] : ["fp32", "bf16", "int8"]) {
      const of = (kvHeads: number) =>
        attention
          .filter((shape) => shape.dtype === dtype && shape.headDim === 128 && shape.heads === 16)
          .flatMap((shape) => (shape.kvHeads === kvHeads ? [shape.context] : []));
      const both = of(16).filter((context) => of(1).includes(context));
      expect(both).toContain(12288);
      expect(Math.min(...of(16))).toBeLessThan(12288);
      expect(Math.max(...of(16))).toBeGreaterThan(12288);
    }
  });

  test("has no kernel of a shape that stands in one of the steps", () => {
    const inSteps = new Set(grid.steps.flatMap(({ shape }) => shapesInStep(shape)));
    expect(grid.kernels.map(shapeOf).filter((shape) => inSteps.has(shape))).toEqual([]);
    expect(inSteps.size).toBeGreaterThan(30);
  });
});

function shapeOf({ shape }: GridRow): string {
  if (shape.kind === "linear") return `linear ${shape.k} ${shape.n}`;
  if (shape.kind === "attention") return `attention ${shape.heads} ${shape.kvHeads} ${shape.headDim} ${shape.context}`;
  return shape.kind === "elementwise" ? `${shape.op} ${shape.features}` : "step";
}

/** The kernels of a step, written out anew from its dimensions. */
function shapesInStep(shape: ReturnType<typeof hereGrid>["steps"][number]["shape"]): string[] {
  const { dModel, heads, kvHeads, headDim, dFf, gated, vocab, context } = shape;
  const width = (heads + 2 * kvHeads) * headDim;
  return [
    `linear ${dModel} ${width}`,
    `linear ${heads * headDim} ${dModel}`,
    `linear ${dModel} ${(gated ? 2 : 1) * dFf}`,
    `linear ${dFf} ${dModel}`,
    `linear ${dModel} ${vocab}`,
    `attention ${heads} ${kvHeads} ${headDim} ${context}`,
    `normalization ${dModel}`,
    `residual ${dModel}`,
    `rotary-embedding ${(heads + kvHeads) * headDim}`,
    `cache-append ${2 * kvHeads * headDim}`,
    `feed-forward-activation ${dFf}`,
  ];
}
