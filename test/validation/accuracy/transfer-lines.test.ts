import { describe, expect, test } from "vitest";
import type { Hardware } from "../../../src/hardware/hardware.ts";
import type { MeasurementTable } from "../../../src/measurement/measurement-table.ts";
import { readMeasurementTable } from "../../../src/measurement/measurement-table.ts";
import { executionProfiles } from "../../../src/timing/engines.ts";
import { rowCeilings } from "../../../src/validation/accuracy/operation-ceilings.ts";
import { simpleSeconds } from "../../../src/validation/accuracy/simple-formulas.ts";
import { transferLines } from "../../../src/validation/accuracy/transfer-lines.ts";
import { calibrate } from "../../../src/validation/calibrate.ts";
import type { PredictableRow } from "../../../src/validation/predict-row.ts";
import { hardwareProfile } from "../../fixtures/profiles.ts";

const h100 = hardwareProfile("h100-sxm");
const a100 = hardwareProfile("a100-80g-sxm");

/** Matrices that take 5 µs and their bytes at a share of the machine's datasheet. */
function table(hardware: Hardware, share: number): MeasurementTable {
  const shapes = [1024, 2048, 4096, 8192].flatMap((k) => [1024, 4096, 16384].map((n) => [k, n] as const));
  const cells = shapes.flatMap(([k, n]) => [1, 4, 16].map((m) => `bf16,${m},${k},${n},1`));
  const read = readMeasurementTable(`dtype,m,k,n,time_us\n${cells.join("\n")}\n`, "linear.csv");
  const ceilings = rowCeilings(hardware);
  const rows = read.rows.map((row) => {
    const { operations } = ceilings(row as PredictableRow, "linear.csv");
    return { ...row, seconds: simpleSeconds(operations, [5e-6, share, share]) };
  });
  return { ...read, rows };
}

describe("another machine's matrices", () => {
  const { calibration } = calibrate({
    ...{ id: "test", tables: [table(h100, 0.9)], stated: h100, measured: h100 },
    profile: executionProfiles.vllm,
  });
  const lines = (share: number, known: Hardware) =>
    transferLines({
      ...{ tables: [table(a100, share)], stated: a100, known, calibration, affine: [5e-6, 0.9, 0.9], split: "other" },
      specs: [
        { name: "matmul", target: { median: 15 }, isOf: ({ kind }) => kind === "linear" },
        { name: "attention", target: { median: 20 }, isOf: ({ kind }) => kind === "attention" },
      ],
    });

  test("are predicted from the datasheet where they reach the same share of it", () => {
    const [line, ...others] = lines(0.9, a100);
    expect(others).toEqual([]);
    expect(line?.errors.rows).toBe(36);
    // The form knows tiles and waves, these times do not.
    expect(line?.errors.medianAbsolutePercentageError).toBeLessThan(8);
    expect(line?.simple?.["one affine fit"]).toBeCloseTo(0, 6);
  });

  test("are too fast where they reach less, until the read ceiling is known", () => {
    const [byDatasheet] = lines(0.7, a100);
    expect(byDatasheet?.errors.bias).toBeLessThan(-5);
    const slower = { ...a100, memoryBandwidthBytesPerSecond: (a100.memoryBandwidthBytesPerSecond * 0.7) / 0.9 };
    const [byCeiling] = lines(0.7, { ...slower, basis: "measured" });
    const median = (line: typeof byCeiling): number => line?.errors.medianAbsolutePercentageError ?? Number.NaN;
    expect(median(byCeiling)).toBeLessThan(median(byDatasheet) / 2);
    // The comparison stays at the datasheet.
    expect(byCeiling?.simple).toEqual(byDatasheet?.simple);
  });
});
