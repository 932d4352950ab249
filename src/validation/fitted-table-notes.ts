/** Tables that a fit was made of, known by their hashes: errors of fitted rows are no test of the fit. */
import type { Calibration } from "../timing/calibration.ts";

export interface HashedTable {
  readonly name: string;
  readonly sha256: string;
}

/**
 * A note for each calibration that was fitted on some of the tables, with its errors of rows that no fit saw.
 * @example "linear.csv: these very rows were fitted by h100-sxm-pytorch-graph; on rows that it did not see it was off by (median,
 * maximum) linear, default, bf16 2.6 %, 21.8 %"
 */
export function fittedTableNotes(tables: readonly HashedTable[], calibrations: readonly Calibration[]): string[] {
  return calibrations.flatMap(({ id, origin }) => {
    if (origin === undefined) return [];
    const fitted = new Set(origin.tables.map(({ sha256 }) => sha256));
    const own = tables.filter(({ sha256 }) => fitted.has(sha256)).map(({ name }) => name.replace(/^.*[\\/]/, ""));
    if (own.length === 0) return [];
    const errors = origin.heldOut.map(
      ({ what, medianPercent, maxPercent }) => `${what} ${medianPercent.toFixed(1)} %, ${maxPercent.toFixed(1)} %`,
    );
    const unseen =
      errors.length === 0
        ? "nothing was left out to see how far it holds"
        : `on rows that it did not see it was off by (median, maximum) ${errors.join("; ")}`;
    return [`${own.join(", ")}: these very rows were fitted by ${id}; ${unseen}`];
  });
}
