/** What a run of `ridgepoint measure` says of the times that it was given and passed. */
import type { RowResult } from "../measurement/measured-cells.ts";
import { formatSeconds } from "../quantity/format-quantity.ts";
import type { MeasureTiming } from "./measure-request.ts";

/** Rows of which one run takes longer than a row may, and all rows together where they took longer than they may. */
export function overrunNotes(
  results: readonly RowResult[],
  { perRowSeconds, budgetSeconds }: MeasureTiming,
  tookSeconds: number,
): string[] {
  const long = results.filter(({ time }) => time !== null && time.medianSeconds > perRowSeconds).length;
  const rows = long === 1 ? "1 row" : `${long} rows`;
  const past = `took longer than --per-row ${formatSeconds(perRowSeconds)}, since one run does`;
  const overLong = long === 0 ? [] : [`${rows} ${past}`];
  // What is begun is ended, and preparing is not timed: a little longer is no surprise.
  if (budgetSeconds === null || tookSeconds <= 1.1 * budgetSeconds) return overLong;
  return [...overLong, `took ${formatSeconds(tookSeconds)}, longer than --budget ${formatSeconds(budgetSeconds)}`];
}
