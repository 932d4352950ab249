/**
 * Lines of a machine that is predicted by the fit of another one: its own rows, of which the fit saw none, at ceilings that its
 * datasheet or one measured figure gives. Simpler formulas get the same: the affine fit is the other machine's, at this one's datasheet.
 */
import type { Hardware } from "../../hardware/hardware.ts";
import type { MeasurementTable } from "../../measurement/measurement-table.ts";
import type { Calibration } from "../../timing/calibration.ts";
import { chooseTiming } from "../../timing/choose-timing.ts";
import { errorStatistics } from "../error-statistics.ts";
import { isPredictable, type PredictableRow, rowPredictor } from "../predict-row.ts";
import type { AccuracyLine, AccuracyTarget } from "./accuracy-line.ts";
import { rowCeilings } from "./operation-ceilings.ts";
import { type SimpleConstants, simpleErrors } from "./simple-formulas.ts";

export interface TransferLineSpec {
  readonly name: string;
  readonly target: AccuracyTarget;
  readonly isOf: (row: PredictableRow) => boolean;
  /** As AccuracyLine has it. */
  readonly whyNot?: string;
}

export interface TransferRequest {
  readonly tables: readonly MeasurementTable[];
  /** The machine as its datasheet has it: simpler formulas take that. */
  readonly stated: Hardware;
  /** The machine as it is known to the prediction. */
  readonly known: Hardware;
  readonly calibration: Calibration;
  /** Fitted on the kernels of the calibration's machine. */
  readonly affine: SimpleConstants | null;
  readonly split: string;
  readonly specs: readonly TransferLineSpec[];
}

/** One line for each of the specs that rows belong to. @throws InvalidInput as rowPredictor does */
export function transferLines(request: TransferRequest): AccuracyLine[] {
  const { tables, stated, known, calibration, affine, split, specs } = request;
  const choice = { timing: "calibrated", engine: calibration.engine, calibrations: [calibration] } as const;
  const predict = rowPredictor(known, (machine, kernel) => chooseTiming(machine, choice, kernel));
  const ceilingsOf = rowCeilings(stated);
  return specs.flatMap(({ name, target, isOf, whyNot }) => {
    const rows = tables.flatMap((table) =>
      table.rows.filter(isPredictable).flatMap((row) => (isOf(row) ? [{ row, table: table.name }] : [])),
    );
    if (rows.length === 0) return [];
    const errors = errorStatistics(
      rows.map(({ row, table }) => {
        const { seconds, interval } = predict(row, table);
        return { measuredSeconds: row.seconds, predictedSeconds: seconds, interval };
      }),
    );
    const runs = rows.map(({ row, table }) => ({
      operations: ceilingsOf(row, table).operations,
      seconds: row.seconds,
    }));
    return [
      {
        ...{ section: "transfer" as const, name, split, target, errors, part: false, percentile90: null },
        ...{ simple: simpleErrors(runs, affine), ...(whyNot === undefined ? {} : { whyNot }) },
      },
    ];
  });
}
