import { describe, expect, test } from "vitest";
import { resultCells, tableColumns } from "../../src/measurement/measured-cells.ts";
import type { GridRow, MeasuredShape } from "../../src/measurement/measured-shape.ts";
import { readMeasurementTable } from "../../src/measurement/measurement-table.ts";
import { multipliedFormat } from "../../src/measurement/multiplied-format.ts";
import { csvLine } from "../../src/reporting/csv-text.ts";
import { rowPredictor } from "../../src/validation/predict-row.ts";
import { cpuMachine } from "../fixtures/cpu-machine.ts";

const attention = (kvHeads: number, dtype = "int8"): MeasuredShape => {
  return { kind: "attention", dtype, batch: 1, heads: 8, kvHeads, headDim: 128, context: 4096 };
};
const linear = (m: number, dtype = "int8"): MeasuredShape => ({ kind: "linear", dtype, what: "", m, k: 4096, n: 4096 });
const rowOf = (shape: MeasuredShape, backend: GridRow["backend"] = "wasm"): GridRow => {
  return { shape, backend, threads: 2, cold: true };
};
const readBack = (row: GridRow) => {
  const cells = resultCells({ row, status: "ok", reason: null, time: null }, { machine: "here", date: "2026-11-25" });
  const columns = tableColumns(row.shape.kind);
  const timed = cells.map((cell, i) => (columns[i] === "time_us" ? 1 : cell));
  return readMeasurementTable(csvLine(columns) + csvLine(timed), "t.csv").rows[0]!;
};

describe("the format that a kernel multiplies in", () => {
  test("is int8 where one vector meets int8 rows in WebAssembly, else that of the activations", () => {
    expect(multipliedFormat(rowOf(linear(1)))).toBe("int8");
    expect(multipliedFormat(rowOf(linear(2)))).toBeNull();
    expect([8, 2, 1].map((kvHeads) => multipliedFormat(rowOf(attention(kvHeads))))).toEqual(["int8", "int8", "int8"]);
    expect(multipliedFormat(rowOf(linear(1, "bf16")))).toBeNull();
    expect(multipliedFormat(rowOf(attention(1, "fp32")))).toBeNull();
    expect(multipliedFormat(rowOf(linear(1), "webgpu"))).toBeNull();
  });

  test("stands in a column of its own, and its peak bounds the kernel where the machine has it", () => {
    const quick = { ...cpuMachine, memoryBandwidthBytesPerSecond: 1e15, caches: [] };
    const seconds = (int8: number | null): number => {
      const { int8: _none, ...others } = quick.peakFlopsPerSecond;
      const peakFlopsPerSecond = int8 === null ? others : { ...others, int8 };
      return rowPredictor({ ...quick, peakFlopsPerSecond })(readBack(rowOf(linear(1))), "t.csv").seconds;
    };
    expect(readBack(rowOf(linear(1))).multiplies).toBe("int8");
    expect(readBack(rowOf(linear(4))).multiplies).toBeNull();
    const flops = 2 * 4096 * 4096;
    expect(seconds(180e9)).toBeCloseTo(flops / 180e9, 9);
    expect(seconds(null)).toBeCloseTo(flops / 90e9, 9);
  });

  test("is an error with its line and column where nobody knows it", () => {
    const row = { ...readBack(rowOf(linear(1))), multiplies: "quarter" };
    expect(() => rowPredictor(cpuMachine)(row, "t.csv")).toThrow("t.csv line 2, column multiplies");
  });
});
