/**
 * Predictions of rows of whole engines. The row's own labels say which machine and which model; its engine says how:
 *   serving       vLLM, TensorRT-LLM from 1.0 on and SGLang on NVIDIA's machines: a steady load on measured kernels (serving-rows.ts)
 *   fixed batch   TensorRT-LLM before 1.0, vLLM on ROCm, llama.cpp, GPT-Fast: the engine's constants alone (fixed-batch-rows.ts)
 * What can't be predicted is left out and counted by its reason.
 */
import type { Hardware } from "../../hardware/hardware.ts";
import type { EngineRow } from "../../measurement/measurement-row.ts";
import type { MeasurementTable } from "../../measurement/measurement-table.ts";
import { type ServingModel, servingModel } from "../../serving/serving-model.ts";
import type { Calibration } from "../../timing/calibration.ts";
import { withFittedRuns } from "../../timing/engine-fits.ts";
import { auditRun } from "../audit-run.ts";
import type { LabelledProfiles } from "../labelled-profiles.ts";
import { ruleText } from "../published/run-audit.ts";
import { engineOfLabel } from "../published/run-engines.ts";
import { type EngineRowReasons, engineRowReasons, reasonNotes } from "./engine-row-reasons.ts";
import { type FixedBatchRun, fixedBatchRuns, predictFixedBatchRun } from "./fixed-batch-rows.ts";
import { type GivenMachine, givenMachine, labelledRows, type PlacedRow, placedRow } from "./placed-row.ts";
import type { PredictedRun } from "./predicted-run.ts";
import { predictServingRun } from "./serving-rows.ts";
import { type ServingRun, servingProfileOf, servingRuns } from "./serving-runs.ts";

/** What the rows of engine tables are, as far as they can be predicted, and why the others can't. */
export interface EngineRuns {
  readonly serving: readonly ServingRun[];
  readonly fixedBatch: readonly FixedBatchRun[];
  readonly reasons: EngineRowReasons;
}

/** @param hardware the machine of rows that name none; its measured ceilings hold for rows that name it */
export function engineRunsOf(
  tables: readonly MeasurementTable[],
  hardware: Hardware | null,
  profiles: LabelledProfiles,
  calibrations: readonly Calibration[],
): EngineRuns {
  const reasons = engineRowReasons();
  const given = hardware === null ? null : givenMachine(hardware, profiles);
  const placed = tables.flatMap(labelledRows).flatMap(({ row, label }): PlacedRow[] => {
    const found = auditedRow(row, label, given, profiles);
    if (typeof found !== "string") return [found];
    reasons.leave(row, found);
    return [];
  });
  const isServing = (each: PlacedRow): boolean => servingProfileOf(each) !== null;
  return {
    serving: servingRuns(placed.filter(isServing), calibrations, reasons),
    fixedBatch: fixedBatchRuns(
      placed.filter((each) => !isServing(each)),
      calibrations,
      reasons,
    ),
    reasons,
  };
}

function auditedRow(
  row: EngineRow,
  label: string,
  given: GivenMachine | null,
  profiles: LabelledProfiles,
): PlacedRow | string {
  if (!(row.seconds > 0)) return "the figure is not above 0";
  const found = placedRow(row, label, given, profiles);
  if (typeof found === "string") return found;
  if (servingProfileOf(found) === null && engineOfLabel(label, found.stated.vendor) === null)
    return "an engine without constants on such a machine";
  const lookups = { machineOfLabel: () => found.stated, modelOfLabel: () => found.model };
  const findings = auditRun({ ...row, gpu: found.stated.id }, lookups, null);
  const isImpossible = !("notJudged" in findings) && findings.some(({ severity }) => severity === "error");
  return isImpossible ? ruleText.impossible : found;
}

function modelOf({ profile, rows }: ServingRun, calibrations: readonly Calibration[]): ServingModel {
  const { hardware, stated } = rows[0]!;
  return servingModel(profile, hardware, stated, calibrations);
}

export interface EngineRowPredictions {
  readonly runs: ReadonlyMap<EngineRow, PredictedRun>;
  /** Rows left out, by reason. */
  readonly notes: readonly string[];
}

/** As engineRunsOf; constants of fit files among the calibrations stand before those that ship. */
export function predictEngineRows(
  tables: readonly MeasurementTable[],
  hardware: Hardware | null,
  profiles: LabelledProfiles,
  calibrations: readonly Calibration[],
): EngineRowPredictions {
  const { serving, fixedBatch, reasons } = engineRunsOf(tables, hardware, profiles, calibrations);
  const predicted = [
    ...serving.flatMap((each) => predictServingRun(each, modelOf(each, calibrations))),
    ...fixedBatch.map((each) => predictFixedBatchRun(each, withFittedRuns(each.run.engine.fit, calibrations))),
  ];
  const elsewhere = hardware === null ? 0 : predicted.filter(({ names }) => names.machine !== hardware.id).length;
  const notes =
    elsewhere === 0
      ? []
      : [
          `${elsewhere} ${elsewhere === 1 ? "row of an engine is" : "rows of engines are"} of other machines than ${hardware!.id}: each is predicted on its own`,
        ];
  return { runs: new Map(predicted.map((each) => [each.row, each])), notes: [...notes, ...reasonNotes(reasons)] };
}
