import { describe, expect, it } from "vitest";
import {
  type Cell,
  type RowResult,
  resultCells,
  rowKey,
  storedRowKey,
  tableColumns,
} from "../../src/measurement/measured-cells.ts";
import type { GridRow, MeasuredShape } from "../../src/measurement/measured-shape.ts";
import { readMeasurementTable } from "../../src/measurement/measurement-table.ts";
import type { KernelTime } from "../../src/measurement/time-kernel.ts";
import { csvLine } from "../../src/reporting/csv-text.ts";
import { attentionShape, elementwiseShapes, everyShape, linearShape, stepShape } from "./shapes.ts";

const rowOf = (shape: MeasuredShape, more: Partial<GridRow> = {}): GridRow => ({
  shape,
  backend: "wasm",
  threads: 2,
  cold: true,
  ...more,
});
const time: KernelTime = {
  status: "ok",
  medianSeconds: 2e-3,
  minSeconds: 1.5e-3,
  maxSeconds: 4e-3,
  madSeconds: 1e-5,
  interval: { lowSeconds: 1.99e-3, highSeconds: 2.01e-3, level: 0.96 },
  samples: 9,
  runsPerSample: 2,
  repetitions: 18,
  clock: "host",
};
const ok = (shape: MeasuredShape): RowResult => ({ row: rowOf(shape), status: "ok", reason: null, time });
const labels = { machine: "here", date: "2026-11-25" };
const cellsOf = (result: RowResult): Record<string, Cell> => {
  const columns = tableColumns(result.row.shape.kind);
  const cells = resultCells(result, labels);
  return Object.fromEntries(columns.map((column, i) => [column, cells[i] ?? null]));
};
const readBack = (result: RowResult) => {
  const text = csvLine(tableColumns(result.row.shape.kind)) + csvLine(resultCells(result, labels));
  return readMeasurementTable(text, "t.csv");
};

describe("a measured row's cells", () => {
  it("of attention are its shape, its bytes and its time in µs", () => {
    // 2 sequences × 32 rows × 2 × 2 × 16 elements × 2 B.
    expect(cellsOf(ok(attentionShape))).toMatchObject({
      ...{ gpu: "here", kernel: "wasm", threads: 2, dtype: "bf16", activations: "fp32", kv_bytes: 8192, cold: 1 },
      ...{ time_us: 2000, time_min_us: 1500, time_max_us: 4000, time_mad_us: 10, repetitions: 18, status: "ok" },
      ...{ gb_per_s: 0.004096, date: "2026-11-25" },
    });
  });

  it("of a whole step are its model's dimensions, the parameters read, and its time in ms", () => {
    // Layers: 32·32 queries, 2·32·16 keys and values, 32·32 output, 3·32·64, two norms of 32; 96·32 logits.
    const parameters = 2 * (1024 + 1024 + 1024 + 6144 + 64) + 3072;
    expect(cellsOf(ok(stepShape))).toMatchObject({
      ...{ params_read: parameters, weight_bytes: 2 * parameters, kv_bytes: 2 * 8 * 2 * 2 * 2 * 8 },
      ...{ step_ms: 2, step_min_ms: 1.5, step_max_ms: 4, tokens_per_s: 1000, kv_dtype: "int8", gated: 1, window: null },
    });
  });

  it.each(everyShape)("are read back as the row they were: %#", (shape) => {
    const table = readBack(ok(shape));
    expect(table.kind).toBe(shape.kind);
    const { kind, ...dimensions } = shape;
    const { headDim: _, gated, what, ...read } = dimensions as Record<string, unknown>;
    expect(table.rows[0]).toMatchObject({
      ...read,
      ...{ kind, gpu: "here", threads: 2, cold: true, activations: "fp32", repetitions: 18 },
      ...(gated === undefined ? {} : { gated: gated === true }),
      ...(what === undefined ? {} : { what }),
    });
    expect(table.rows[0]?.seconds).toBeCloseTo(2e-3, 12);
    expect(table.otherColumns.filter((column) => column !== "date" && column !== "head_dim")).toEqual([]);
  });

  it("of a failed or skipped row have no time and the reason in one line, and are left out when read", () => {
    const reason = "needs 5 GB,\nthe machine has 4 GB";
    const result: RowResult = { row: rowOf(linearShape), status: "skipped", reason, time: null };
    expect(cellsOf(result)).toMatchObject({ time_us: null, status: "skipped:needs 5 GB, the machine has 4 GB" });
    expect(readBack(result)).toMatchObject({ leftOut: 1, rows: [] });
  });
});

describe("rowKey", () => {
  it.each(everyShape)("is found again in the row's own cells: %#", (shape) => {
    const cells = Object.fromEntries(Object.entries(cellsOf(ok(shape))).map(([name, cell]) => [name, `${cell ?? ""}`]));
    expect(storedRowKey(shape.kind, cells)).toBe(rowKey(rowOf(shape)));
  });

  it("differs for every dimension, backend, number of threads and temperature", () => {
    const rows = [
      rowOf(attentionShape),
      rowOf({ ...attentionShape, context: 33 }),
      rowOf({ ...attentionShape, dtype: "fp32" }),
      rowOf(attentionShape, { backend: "webgpu" }),
      rowOf(attentionShape, { threads: null }),
      rowOf(attentionShape, { cold: false }),
      rowOf(linearShape),
      rowOf({ ...linearShape, what: "down" }),
      ...elementwiseShapes.map((shape) => rowOf(shape)),
      rowOf(stepShape),
      rowOf({ ...stepShape, window: 4 }),
      rowOf({ ...stepShape, kvDtype: "bf16" }),
    ];
    expect(new Set(rows.map(rowKey)).size).toBe(rows.length);
  });
});
