/**
 * Prediction intervals from residuals that no fit saw: split conformal prediction. Of n residuals r = ln(measured / predicted), the
 * interval from the ⌊0.05 (n + 1)⌋th to the ⌈0.95 (n + 1)⌉th smallest holds the next one with 90 % probability, if they are
 * exchangeable, whatever their distribution. By bands of predicted time, since short kernels scatter otherwise than long ones.
 * Source: Papadopoulos et al. 2002; Vovk, Gammerman and Shafer 2005, sections 4.2 and 4.5 (by categories).
 * @example residuals 1 … 19 (in thousandths): n + 1 = 20, so from the first to the 19th
 */
import type { ErrorBand } from "../timing/calibration.ts";

/** A row that no fit saw. */
export interface Residual {
  readonly predictedSeconds: number;
  readonly measuredSeconds: number;
}

const tail = 0.05;
/** A band holds at least so many rows: 3 beyond each end. */
const rowsOfBand = 60;
const mostBands = 6;

/** @throws RangeError for no residuals */
export function errorBands(residuals: readonly Residual[]): ErrorBand[] {
  if (residuals.length === 0) throw new RangeError("an interval of no residuals");
  const sorted = [...residuals].sort((a, b) => a.predictedSeconds - b.predictedSeconds);
  const bands = Math.max(1, Math.min(mostBands, Math.floor(sorted.length / rowsOfBand)));
  return Array.from({ length: bands }, (_, i) => {
    const from = Math.round((i * sorted.length) / bands);
    const to = Math.round(((i + 1) * sorted.length) / bands);
    const own = sorted.slice(from, to);
    const logs = Float64Array.from(own, (each) => Math.log(each.measuredSeconds / each.predictedSeconds)).sort();
    const rank = (place: number): number => logs[Math.max(0, Math.min(logs.length - 1, place - 1))]!;
    return {
      upToSeconds: i === bands - 1 ? Number.POSITIVE_INFINITY : own.at(-1)!.predictedSeconds,
      low: rank(Math.floor(tail * (logs.length + 1))),
      high: rank(Math.ceil((1 - tail) * (logs.length + 1))),
      rows: own.length,
    };
  });
}

/** The band of a prediction. */
export function bandOf(bands: readonly ErrorBand[], predictedSeconds: number): ErrorBand {
  return bands.find((band) => predictedSeconds <= band.upToSeconds) ?? bands.at(-1)!;
}
