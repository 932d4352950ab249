/** Where a report takes its models, machines and measurements from: whoever writes it hands them in. */
import { publishedSpeeds } from "../analysis/published-decoding-speed.ts";
import type { Model } from "../architecture/model.ts";
import type { Hardware } from "../hardware/hardware.ts";
import type { MeasurementTable } from "../measurement/measurement-table.ts";
import type { Calibration } from "../timing/calibration.ts";
import type { ReportPlan } from "./planned-situation.ts";

export interface ReportCatalog {
  readonly model: (id: string) => Model;
  readonly hardware: (id: string) => Hardware;
  /** Of an H100; null where the measurements are not there. */
  readonly measured: MeasuredMachine | null;
  /** Plan files of examples/plans/; none where they are not there. */
  readonly plans: readonly ReportPlan[];
}

/** A machine with the rows that were measured on it. */
export interface MeasuredMachine {
  readonly tables: readonly MeasurementTable[];
  readonly stated: Hardware;
  /** With its measured ceilings. */
  readonly measured: Hardware;
  readonly calibrations: readonly Calibration[];
}

/** The paper's translation models by id. */
export function paperModels(model: (id: string) => Model): Map<string, Model> {
  return new Map(publishedSpeeds.map((published) => [published.modelId, model(published.modelId)]));
}
