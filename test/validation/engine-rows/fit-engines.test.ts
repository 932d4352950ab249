import { beforeAll, describe, expect, it } from "vitest";
import { labelledProfiles } from "../../../src/files/labelled-profiles.ts";
import { shippedCalibrations } from "../../../src/files/load-calibration.ts";
import { type MeasurementTable, readMeasurementTable } from "../../../src/measurement/measurement-table.ts";
import { servingProfiles } from "../../../src/serving/serving-profiles.ts";
import type { Calibration } from "../../../src/timing/calibration.ts";
import { engineFits } from "../../../src/timing/engine-fits.ts";
import { executionProfiles } from "../../../src/timing/engines.ts";
import type { FittedEngine } from "../../../src/timing/fitted-engine.ts";
import { type CalibrationResult, calibrate } from "../../../src/validation/calibrate.ts";
import { predictEngineRows } from "../../../src/validation/engine-rows/predict-engine-rows.ts";
import { fitFileOf } from "../../../src/validation/fit-file-of.ts";
import { calibrationOfFitFile, parseFitFile } from "../../../src/validation/fit-file-schema.ts";
import { validateTables } from "../../../src/validation/validate.ts";
import { hardwareProfile } from "../../fixtures/profiles.ts";

const profiles = labelledProfiles();
const shipped = shippedCalibrations();
const columns = "engine,engine_version,model,precision,hardware,tp,concurrency,isl,osl,metric,value,stat";

function tableOf(lines: readonly string[]): MeasurementTable {
  return readMeasurementTable(`${columns}\n${lines.join("\n")}\n`, "runs.csv");
}

/** Calibrations with an engine's constants in the place of those that ship. */
function withEngine(engine: FittedEngine): readonly Calibration[] {
  return [{ ...shipped[0]!, engines: [engine] }, ...shipped.slice(1)];
}

/** The table with the figures that an engine of these constants would show. */
function madeBy(engine: FittedEngine, table: MeasurementTable): MeasurementTable {
  const { runs, notes } = predictEngineRows([table], null, profiles, withEngine(engine));
  const rows = table.rows.map((row) => {
    const predicted = row.kind === "engine" ? runs.get(row) : undefined;
    if (predicted === undefined) throw new Error(`line ${row.line}: ${notes.join("; ")}`);
    return { ...row, seconds: predicted.prediction.seconds };
  });
  return { ...table, rows };
}

function calibrated(table: MeasurementTable): CalibrationResult {
  const machine = hardwareProfile("h100-sxm");
  const profile = executionProfiles.vllm;
  return calibrate({
    ...{ id: "runs", tables: [table], stated: machine, measured: machine, profile, profiles, calibrations: shipped },
    source: "a table",
  });
}

function throughFile(result: CalibrationResult): Calibration {
  const file = fitFileOf(result, { source: "a table", tables: [] });
  return calibrationOfFitFile(parseFitFile(JSON.parse(JSON.stringify(file))));
}

describe("a serving engine of known constants", () => {
  const truth: FittedEngine = {
    ...{ form: "serving", id: "vllm", engine: "vllm", machines: ["h100-sxm"], source: "made up" },
    ...{ band: null, firstTokenBand: null },
    constants: { ...servingProfiles.vllm.constants, computeEfficiency: 0.6, sequenceSeconds: 8e-5 },
  };
  const loads = [2, 16, 64].flatMap((clients) => [`${clients},500,500`, `${clients},4000,300`]);
  const lines = ["llama-3.1-8b", "qwen3-32b"].flatMap((model) =>
    [2, 4, 8].flatMap((tp) =>
      loads.flatMap((load) =>
        ["tpot_ms", "ttft_ms"].map((metric) => `vllm,1,${model},bf16,H100 SXM,${tp},${load},${metric},100,mean`),
      ),
    ),
  );
  const table = madeBy(truth, tableOf(lines));
  let result: CalibrationResult;
  beforeAll(() => {
    result = calibrated(table);
  });

  it("is found again, and predicts the model that a fit did not see", () => {
    const [engine] = result.engines;
    expect(result.engines).toHaveLength(1);
    expect(engine).toMatchObject({ rows: 72, heldOutBy: "model" });
    expect(engine?.fitted).toMatchObject({ form: "serving", id: "vllm", machines: ["h100-sxm"] });
    expect(engine!.fitted.constants["computeEfficiency"]! / 0.6).toBeCloseTo(1, 1);
    expect(engine!.fitted.constants["sequenceSeconds"]! / 8e-5).toBeCloseTo(1, 1);
    expect(engine?.fittedErrors.maxAbsolutePercentageError).toBeLessThan(3);
    expect(engine?.heldOutErrors?.medianAbsolutePercentageError).toBeLessThan(3);
    expect(engine?.heldOut).toHaveLength(72);
  });

  it("fits no kernels, and the fit says so", () => {
    expect(result.calibration).toMatchObject({ engine: "vllm", kernels: [] });
    expect(result.notes[0]).toBe("rows of whole engines fit constants of the engines, not kernels");
  });

  it("predicts its rows by its fit file far better than by what ships", () => {
    const medianOf = (calibrations: readonly Calibration[]): number | undefined =>
      validateTables([table], null, { profiles, calibrations }).kinds.engine?.medianAbsolutePercentageError;
    expect(medianOf([throughFile(result), ...shipped])).toBeLessThan(3);
    expect(medianOf(shipped)).toBeGreaterThan(5);
  });

  it("has a band where enough runs were left out, which holds the runs", () => {
    const [engine] = throughFile(result).engines!;
    expect(engine?.band?.low).toBeLessThanOrEqual(0);
    expect(engine?.band?.high).toBeGreaterThanOrEqual(0);
  });

  it("of too few runs is not fitted, and said", () => {
    const few = { ...table, rows: table.rows.slice(0, 10) };
    expect(() => calibrated(few)).toThrow("vllm: 5 runs are too few for the engine's constants, wants 18");
  });
});

describe("an engine of known constants on several machines", () => {
  const fit = engineFits.find(({ id }) => id === "llama.cpp-metal")!;
  const truth: FittedEngine = {
    ...{
      form: "runs",
      id: fit.id,
      engine: fit.engine,
      machines: [],
      band: null,
      firstTokenBand: null,
      source: "made up",
    },
    constants: { ...fit.constants, bandwidthEfficiency: 0.7, startSeconds: 25e-6 },
  };
  const lines = ["M1 Pro", "M1 Max", "M2 Pro", "M2 Max", "M1 Ultra", "M2 Ultra"].flatMap((chip) =>
    ["fp16", "q8_0", "q4_0", "q4_k_m"].flatMap((precision) =>
      ["2024-05", "2025-08"].map(
        (version, i) =>
          `llama.cpp,${version},Llama-2-7B,${precision},Apple ${chip},1,1,0,128,tokens_per_s_total,${2 + i},decode`,
      ),
    ),
  );
  const result = calibrated(madeBy(truth, tableOf(lines)));

  it("is found again, machines left out in turn", () => {
    const [engine] = result.engines;
    expect(engine).toMatchObject({ rows: lines.length, heldOutBy: "machine" });
    expect(engine?.fitted).toMatchObject({ form: "runs", id: "llama.cpp-metal", engine: "llama.cpp" });
    expect(engine!.fitted.constants["bandwidthEfficiency"]! / 0.7).toBeCloseTo(1, 1);
    expect(engine!.fitted.constants["startSeconds"]! / 25e-6).toBeCloseTo(1, 1);
    expect(engine?.fittedErrors.maxAbsolutePercentageError).toBeLessThan(2);
  });

  it("goes through a fit file", () => {
    const engine = throughFile(result).engines![0]!;
    for (const [name, value] of Object.entries(result.engines[0]!.fitted.constants))
      expect(engine.constants[name]! / value, name).toBeCloseTo(1, 6);
  });
});
