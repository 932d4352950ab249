/** The rows of a grid: every combination of what is asked for, each once, in a random order that a seed gives again. */
import type { KernelBackend } from "../kernels/kernel.ts";
import { InvalidInput } from "../quantity/invalid-input.ts";
import { seededRandom } from "../quantity/seeded-random.ts";
import { rowKey } from "./measured-cells.ts";
import type { ElementwiseShape, GridRow, MeasuredShape, StepDimensions } from "./measured-shape.ts";
import { referenceFormat } from "./shape-bytes.ts";
import { cacheBytesOf, rowTemperature, type Temperature } from "./temperature.ts";

export interface GridRequest {
  readonly backends: readonly { readonly name: KernelBackend["name"]; readonly threads: readonly (number | null)[] }[];
  readonly temperature: Temperature;
  /** Of the processor; what is cold depends on it. */
  readonly lastCacheBytes: number;
  /** A kind that is left out is not measured. */
  readonly attention?: AttentionGrid;
  readonly linear?: LinearGrid;
  readonly elementwise?: ElementwiseGrid;
  readonly steps?: StepGrid;
}

export interface AttentionGrid {
  readonly formats: readonly string[];
  readonly heads: number;
  readonly kvHeads: readonly number[];
  readonly headDims: readonly number[];
  readonly batches: readonly number[];
  readonly contexts: readonly number[];
}

export interface LinearGrid {
  readonly formats: readonly string[];
  /** Rows of x. */
  readonly rows: readonly number[];
  readonly shapes: readonly { readonly what: string; readonly k: number; readonly n: number }[];
}

export interface ElementwiseGrid {
  readonly shapes: readonly Omit<ElementwiseShape, "kind" | "rows">[];
  readonly rows: readonly number[];
}

export interface StepGrid {
  readonly models: readonly (StepDimensions & { readonly model: string })[];
  readonly weights: readonly string[];
  readonly kvCaches: readonly string[];
  readonly batches: readonly number[];
  readonly contexts: readonly number[];
}

/** Rows that one grid may have: a year of measuring would be lost to a mistaken range, and the memory before. */
export const mostGridRows = 100_000;

/**
 * Every row of the grid once, in order.
 * @throws InvalidInput, before any row is made, where the lists together stand for more than 100,000
 */
export function gridRows(request: GridRequest): GridRow[] {
  const asked = combinations(request);
  if (asked > mostGridRows) throw new InvalidInput("grid", `${asked.toLocaleString("en")} rows`, "at most 100,000");
  const rows = new Map<string, GridRow>();
  for (const shape of shapesOf(request)) {
    for (const { name, threads } of request.backends) {
      const stored = name === "reference" ? inReferenceFormat(shape) : shape;
      const { cold } = rowTemperature(stored, request.temperature, cacheBytesOf(name, request.lastCacheBytes));
      for (const count of threads) {
        const row: GridRow = { shape: stored, backend: name, threads: count, cold };
        rows.set(rowKey(row), row);
      }
    }
  }
  return [...rows.values()];
}

/** The rows in a random order, so that what drifts (heat, neighbours) does not follow a dimension. */
export function shuffledRows(rows: readonly GridRow[], seed: number): GridRow[] {
  return seededRandom(seed)
    .choose(rows.length, rows.length)
    .map((index) => rows[index] as GridRow);
}

/** Combinations of the lists, those that come to the same row included. */
function combinations({ backends, attention: a, linear: l, elementwise: e, steps: s }: GridRequest): number {
  const product = (...lists: readonly (readonly unknown[])[]): number =>
    lists.reduce((count, list) => count * list.length, 1);
  const shapes =
    (a === undefined ? 0 : product(a.formats, a.kvHeads, a.headDims, a.batches, a.contexts)) +
    (l === undefined ? 0 : product(l.formats, l.shapes, l.rows)) +
    (e === undefined ? 0 : product(e.shapes, e.rows)) +
    (s === undefined ? 0 : product(s.models, s.weights, s.kvCaches, s.batches, s.contexts));
  return shapes * backends.reduce((sum, { threads }) => sum + threads.length, 0);
}

function* shapesOf(request: GridRequest): Generator<MeasuredShape> {
  if (request.attention !== undefined) yield* attentionShapes(request.attention);
  if (request.linear !== undefined) yield* linearShapes(request.linear);
  if (request.elementwise !== undefined) {
    for (const shape of request.elementwise.shapes)
      for (const rows of request.elementwise.rows) yield { kind: "elementwise", ...shape, rows };
  }
  if (request.steps !== undefined) yield* stepShapes(request.steps);
}

function* attentionShapes(grid: AttentionGrid): Generator<MeasuredShape> {
  const { heads } = grid;
  for (const dtype of grid.formats)
    for (const kvHeads of grid.kvHeads)
      for (const headDim of grid.headDims)
        for (const batch of grid.batches)
          for (const context of grid.contexts)
            yield { kind: "attention", dtype, batch, heads, kvHeads, headDim, context };
}

function* linearShapes(grid: LinearGrid): Generator<MeasuredShape> {
  for (const dtype of grid.formats)
    for (const shape of grid.shapes) for (const m of grid.rows) yield { kind: "linear", dtype, m, ...shape };
}

function* stepShapes(grid: StepGrid): Generator<MeasuredShape> {
  for (const model of grid.models)
    for (const dtype of grid.weights)
      for (const kvDtype of grid.kvCaches)
        for (const batch of grid.batches)
          for (const context of grid.contexts) yield { kind: "steps", ...model, dtype, kvDtype, batch, context };
}

/** The reference computes in float64 whatever is asked for, and its rows say so. */
function inReferenceFormat(shape: MeasuredShape): MeasuredShape {
  return shape.kind === "steps"
    ? { ...shape, dtype: referenceFormat, kvDtype: referenceFormat }
    : { ...shape, dtype: referenceFormat };
}
