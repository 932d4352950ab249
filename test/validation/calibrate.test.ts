import { describe, expect, it } from "vitest";
import { predictStep, stepPredictor } from "../../src/analysis/predict-step.ts";
import type { Hardware } from "../../src/hardware/hardware.ts";
import type { MeasurementTable } from "../../src/measurement/measurement-table.ts";
import type { Calibration } from "../../src/timing/calibration.ts";
import { chooseTiming } from "../../src/timing/choose-timing.ts";
import { executionProfiles } from "../../src/timing/engines.ts";
import { calibrate } from "../../src/validation/calibrate.ts";
import { rowPredictor } from "../../src/validation/predict-row.ts";
import { modelProfile } from "../fixtures/profiles.ts";
import {
  fasterHardware,
  normalNoise,
  roundFit,
  roundHardware,
  syntheticTable,
  type TableOptions,
} from "../fixtures/synthetic-fit.ts";

const kinds = ["attention", "linear", "steps"] as const;

function calibrated(tables: readonly MeasurementTable[], stated: Hardware = roundHardware) {
  return calibrate({ id: "made-up", tables, stated, measured: stated, profile: executionProfiles["pytorch-graph"] });
}

function tablesOf(options: TableOptions = {}): MeasurementTable[] {
  return kinds.map((kind) => syntheticTable(kind, options));
}

const exact = calibrated(tablesOf());
const noisy = calibrated(tablesOf({ noise: normalNoise(0.04) }));

function stepSeconds(fit: Calibration, hardware: Hardware, batch: number, context: number): number {
  const timing = chooseTiming(hardware, { timing: "calibrated", engine: null, calibrations: [fit] });
  return predictStep(stepPredictor(modelProfile("llama-2-7b"), hardware, { timing }), { batch, context }).seconds!;
}

/** A table with every time times a factor. */
function times(table: MeasurementTable, factor: number, some: (i: number) => boolean = () => true): MeasurementTable {
  const rows = table.rows.map((row, i) => (some(i) ? { ...row, seconds: factor * row.seconds } : row));
  return { ...table, rows };
}

describe("calibrate", () => {
  it("fits kernels that follow the forms, and predicts whole steps of other sizes to 0.1 %", () => {
    expect(exact.calibration.kernels.map(({ kind }) => kind)).toEqual(["decode-attention", "linear", "small-kernel"]);
    for (const { fittedErrors, fitted } of exact.families) {
      expect(fittedErrors.medianAbsolutePercentageError, fitted.kind).toBeLessThan(0.3);
    }
    for (const [batch, context] of [
      [1, 512],
      [8, 4096],
      [32, 2048],
    ] as const) {
      const truth = stepSeconds(roundFit, roundHardware, batch, context);
      expect(Math.abs(stepSeconds(exact.calibration, roundHardware, batch, context) / truth - 1)).toBeLessThan(2e-3);
    }
    const predict = rowPredictor(roundHardware, (machine, kernel) =>
      chooseTiming(machine, { timing: null, engine: null, calibrations: [exact.calibration] }, kernel),
    );
    for (const row of syntheticTable("steps").rows) {
      if (row.kind !== "steps") continue;
      expect(Math.abs(predict(row, "steps").seconds / row.seconds - 1)).toBeLessThan(1e-3);
    }
  }, 60_000);

  it("leaves whole groups out, and scores models of which it saw no step", () => {
    const [attention] = exact.families;
    expect(attention).toMatchObject({ rows: 100, groups: 5 });
    expect(attention!.heldOut).toHaveLength(100);
    expect(exact.steps?.heldOut).toHaveLength(8);
    expect(exact.heldOutStepErrors?.maxAbsolutePercentageError).toBeLessThan(0.2);
  });

  it("covers 85 to 95 % of the held-out rows of noisy kernels, with intervals as wide as the noise calls for", () => {
    for (const { heldOutErrors, fitted } of noisy.families) {
      expect(heldOutErrors?.coverage90, fitted.kind).toBeGreaterThanOrEqual(82);
      expect(heldOutErrors?.coverage90, fitted.kind).toBeLessThanOrEqual(97);
      expect(heldOutErrors?.medianIntervalHalfWidth).toBeGreaterThan(4);
      expect(heldOutErrors?.medianIntervalHalfWidth).toBeLessThan(16);
    }
  });

  it("is carried to a machine twice as fast, which takes as long as that machine's own kernels would", () => {
    const twice = fasterHardware(2, "twice");
    const truth = stepSeconds({ ...roundFit }, twice, 16, 8192);
    expect(Math.abs(stepSeconds(exact.calibration, twice, 16, 8192) / truth - 1)).toBeLessThan(5e-3);
    expect(stepSeconds(exact.calibration, roundHardware, 16, 8192) / truth).toBeGreaterThan(1.8);
  });

  it("is the same twice, whatever stood before", () => {
    const small = [syntheticTable("linear", { noise: normalNoise(0.02) })];
    expect(calibrated(small).calibration).toEqual(calibrated(small).calibration);
  });

  it("leaves out rows that no machine could have produced, counts them and names their table", () => {
    const impossible = times(syntheticTable("linear"), 0.05, (i) => i >= 39);
    const { impossibleRows, notes, families } = calibrated([impossible]);
    expect(impossibleRows).toBe(3);
    expect(families[0]!.rows).toBe(39);
    expect(notes[0]).toBe(
      "linear.csv: 3 rows that no machine could have produced left out, `ridgepoint audit` lists them",
    );
  });

  it("refuses tables in another unit, of impossible rows alone, and without rows", () => {
    const table = syntheticTable("linear");
    for (const factor of [1e-3, 1e3]) {
      expect(() => calibrated([times(table, factor)])).toThrow(/^invalid table: linear\.csv .*another unit\?\)$/);
    }
    expect(() => calibrated([times(table, 0.2)])).toThrow(/no machine could have produced any of the rows/);
    expect(() => calibrated([{ ...table, rows: [] }])).toThrow(/^invalid tables: linear\.csv \(no row to fit\)$/);
    expect(() => calibrated([{ ...table, rows: [], leftOut: 3 }])).toThrow(/no row to fit: 3 failed or were skipped/);
  });

  it("refuses a table of another machine", () => {
    const h100 = { ...roundHardware, id: "h100-sxm" };
    const machineOfLabel = (label: string) =>
      label.includes("A100") ? { ...h100, id: "a100" } : label === "h100-sxm" ? h100 : null;
    const request = {
      ...{ id: "x", stated: h100, measured: h100, profile: executionProfiles["pytorch-graph"] },
      profiles: { machineOfLabel, modelOfLabel: () => null },
    };
    const other = syntheticTable("linear", { gpu: "NVIDIA A100" });
    expect(() => calibrate({ ...request, tables: [other] })).toThrow(
      "invalid table: linear.csv (its 42 rows of NVIDIA A100 are of a100, not of h100-sxm)",
    );
    expect(() => calibrate({ ...request, tables: [syntheticTable("linear", { gpu: "my machine" })] })).not.toThrow();
  });

  it("says which rows are too few, of one group, or of one context", () => {
    const few = syntheticTable("attention", { keep: (cells) => cells[5] === 8 && cells[3] === 1 });
    expect(() => calibrated([few])).toThrow(
      /\(no kernel to fit: decode-attention, triton, bf16: 5 rows are too few for 19 parameters, wants 38\)$/,
    );
    const oneGroup = syntheticTable("linear", { keep: (cells) => cells[4] === 11008 });
    const copies = { ...oneGroup, rows: [1, 2, 3].flatMap(() => oneGroup.rows) };
    const { families, notes } = calibrated([copies]);
    expect(families[0]).toMatchObject({ heldOut: [], heldOutErrors: null, groups: 1 });
    expect(notes).toContainEqual(expect.stringMatching(/^linear, unnamed, bf16: of one group only \(11008 × 4096\)/));
    const oneContext = syntheticTable("attention", { keep: (cells) => cells[7] === 2048 });
    const more = { ...oneContext, rows: [1, 2].flatMap(() => oneContext.rows) };
    expect(calibrated([more]).notes).toContainEqual(expect.stringMatching(/of one context only \(2048\)/));
    expect(() => calibrated([syntheticTable("steps")])).toThrow(/no kernel to fit: only whole steps/);
    const oneModel = syntheticTable("steps", { keep: (cells) => cells[1] === "seven" });
    expect(calibrated([syntheticTable("linear"), oneModel]).notes).toContain(
      "steps: of one model only (seven), so that no step was left out to see how far it holds",
    );
    expect(exact.notes.filter((note) => note.startsWith("steps: "))).toEqual([]);
  });
});
