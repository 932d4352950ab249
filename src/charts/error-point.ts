/** A measurement beside its prediction, as the charts of a validation draw it. */
import { requirePositive } from "./drawable.ts";

export interface ErrorPoint {
  readonly series: string;
  /** What was measured, for the data table. */
  readonly label: string;
  readonly measuredSeconds: number;
  readonly predictedSeconds: number;
}

/** Points beyond this number are thinned evenly, so that a picture of a large table stays readable and small. */
export const mostPoints = 4000;

/** The points to draw, and the note that says which were left out; the order is kept. */
export function drawnPoints(points: readonly ErrorPoint[]): { drawn: readonly ErrorPoint[]; notes: string[] } {
  for (const [index, point] of points.entries()) {
    requirePositive(`rows[${index}].measuredSeconds`, point.measuredSeconds);
    requirePositive(`rows[${index}].predictedSeconds`, point.predictedSeconds);
  }
  if (points.length <= mostPoints) return { drawn: points, notes: [] };
  const every = Math.ceil(points.length / mostPoints);
  const drawn = points.filter((_, index) => index % every === 0);
  return { drawn, notes: [`every ${every}th of ${points.length} rows is drawn`] };
}

/** 100 (predicted − measured) / measured, to 6 digits. */
export function errorPercentOf(point: ErrorPoint): number {
  return Number(((100 * (point.predictedSeconds - point.measuredSeconds)) / point.measuredSeconds).toPrecision(6));
}
