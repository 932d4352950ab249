/**
 * Prediction intervals from residuals that no fit saw: split conformal prediction, r = ln(measured / predicted).
 *   of n residuals, the interval from the ⌊0.05 (n + 1)⌋th to the ⌈0.95 (n + 1)⌉th smallest holds the next one with 90 %
 *   probability, if they are exchangeable, whatever their distribution; taken apart by what rules a call's time (kernel-regime.ts) and
 *   by its length, where there are rows enough, since those scatter differently
 * Rows of a group that no fit saw (another matrix, another K/V head count) are off together, and further than rows of groups that were
 * seen. So each group is scored by the intervals of the others, s = distance from their middle in half-widths, and the intervals are
 * widened by the ⌈0.9 (n + 1)⌉th smallest score: 90 % of the rows of groups left out lie in them.
 * Source: Papadopoulos et al. 2002; Vovk, Gammerman and Shafer 2005, section 4.5 (by categories); Vovk 2015 (cross-conformal).
 * @example residuals 1 … 19 (in thousandths) of one group: n + 1 = 20, so from the first to the 19th
 */
import type { ErrorBand } from "../timing/calibration.ts";
import { type KernelRegime, kernelRegimes } from "../timing/kernel-regime.ts";

/** A row that no fit saw. */
export interface Residual {
  readonly predictedSeconds: number;
  readonly measuredSeconds: number;
  readonly regime: KernelRegime;
  /** Rows that were left out together. */
  readonly fold: number;
}

const tail = 0.05;
const level = 1 - 2 * tail;
/** A band of length holds at least so many rows: 3 beyond each end. */
const rowsOfBand = 60;
const mostBands = 5;
/** A regime of fewer rows shares the intervals of all. */
const rowsOfRegime = 20;
const leastHalfWidth = 1e-4;

/** @throws RangeError for no residuals */
export function errorBands(residuals: readonly Residual[]): ErrorBand[] {
  if (residuals.length === 0) throw new RangeError("an interval of no residuals");
  const folds = [...new Set(residuals.map(({ fold }) => fold))];
  const plain = plainBands(residuals);
  if (folds.length < 2) return plain;
  const scores = folds.flatMap((fold) => {
    const others = plainBands(residuals.filter((each) => each.fold !== fold));
    return residuals.filter((each) => each.fold === fold).map((each) => scoreOf(bandOf(others, each), each));
  });
  const sorted = Float64Array.from(scores).sort();
  const widening = Math.max(1, sorted[Math.min(sorted.length, Math.ceil(level * (sorted.length + 1))) - 1]!);
  return plain.map((band) => widened(band, widening));
}

/** The band of a prediction. */
export function bandOf<Band extends Pick<ErrorBand, "regime" | "upToSeconds">>(
  bands: readonly Band[],
  { predictedSeconds, regime }: Pick<Residual, "predictedSeconds" | "regime">,
): Band {
  const own = bands.filter((band) => band.regime === regime);
  const used = own.length > 0 ? own : bands.filter((band) => band.regime === "any");
  return used.find((band) => predictedSeconds <= band.upToSeconds) ?? used.at(-1)!;
}

function plainBands(residuals: readonly Residual[]): ErrorBand[] {
  const regimes = kernelRegimes.flatMap((regime) => {
    const own = residuals.filter((each) => each.regime === regime);
    return own.length >= rowsOfRegime ? bandsByLength(own, regime) : [];
  });
  return [...regimes, ...bandsByLength(residuals, "any")];
}

function bandsByLength(residuals: readonly Residual[], regime: ErrorBand["regime"]): ErrorBand[] {
  const sorted = [...residuals].sort((a, b) => a.predictedSeconds - b.predictedSeconds);
  const bands = Math.max(1, Math.min(mostBands, Math.floor(sorted.length / rowsOfBand)));
  return Array.from({ length: bands }, (_, i) => {
    const own = sorted.slice(Math.round((i * sorted.length) / bands), Math.round(((i + 1) * sorted.length) / bands));
    const logs = Float64Array.from(own, logOf).sort();
    const rank = (place: number): number => logs[Math.max(0, Math.min(logs.length - 1, place - 1))]!;
    return {
      regime,
      upToSeconds: i === bands - 1 ? Number.POSITIVE_INFINITY : own.at(-1)!.predictedSeconds,
      low: rank(Math.floor(tail * (logs.length + 1))),
      high: rank(Math.ceil((1 - tail) * (logs.length + 1))),
      rows: own.length,
    };
  });
}

function logOf({ measuredSeconds, predictedSeconds }: Residual): number {
  return Math.log(measuredSeconds / predictedSeconds);
}

/** Distance of a residual from the middle of a band, in half-widths: 1 at its ends. */
function scoreOf({ low, high }: ErrorBand, residual: Residual): number {
  const half = Math.max(leastHalfWidth, (high - low) / 2);
  return Math.abs(logOf(residual) - (low + high) / 2) / half;
}

function widened(band: ErrorBand, by: number): ErrorBand {
  const middle = (band.low + band.high) / 2;
  const half = (by * (band.high - band.low)) / 2;
  return { ...band, low: middle - half, high: middle + half };
}
