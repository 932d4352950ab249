/**
 * Prediction intervals from residuals that no fit saw: normalised split conformal prediction. A kernel's error has a part that grows
 * with its time (efficiencies) and one that does not (start-ups, waves), so residuals are measured by
 *   σ(t) = √(relative² + (seconds / t)²)      r = (measured − predicted) / predicted,  s = r / σ(predicted)
 * where relative and seconds make Σ (ln σ + |r| / σ) least (a Laplace distribution's likelihood), for calls that wait for bytes and
 * calls that multiply apart (kernel-regime.ts). Of n scores the interval from the ⌊0.05 (n + 1)⌋th to the ⌈0.95 (n + 1)⌉th smallest holds the
 * next one with 90 % probability if they are exchangeable, whatever their distribution.
 * Rows of a group that no fit saw (another matrix, another K/V head count) are off together, and further than rows of groups that were
 * seen. So each group is scored by the intervals of the others, and the intervals are widened by the ⌈0.9 (n + 1)⌉th smallest of
 * these scores: 90 % of the rows of groups left out lie in them.
 * Source: Papadopoulos et al. 2002 (split), 2011 (normalised); Vovk, Gammerman and Shafer 2005, section 4.5 (by categories); Vovk 2015 (cross-conformal).
 */
import type { ErrorSpread } from "../timing/calibration.ts";
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
/** A regime of fewer rows shares the spread of all. */
const rowsOfRegime = 20;
/** σ is found on about so many rows. */
const rowsOfScale = 2000;
const leastScale = 5e-4;
/** Candidates a factor apart: relative from 0.05 to 50 %, seconds from 0.1 to 100 % of the shortest call. */
const relatives = Array.from({ length: 24 }, (_, i) => leastScale * 1.35 ** i);
const shares = Array.from({ length: 24 }, (_, i) => 0.001 * 1.35 ** i);

/** One spread a regime. @throws RangeError for no residuals */
export function errorSpreads(residuals: readonly Residual[]): ErrorSpread[] {
  if (residuals.length === 0) throw new RangeError("an interval of no residuals");
  const folds = [...new Set(residuals.map(({ fold }) => fold))];
  const plain = plainSpreads(residuals);
  if (folds.length < 2) return plain;
  const scores = folds.flatMap((fold) => {
    const others = plainSpreads(residuals.filter((each) => each.fold !== fold));
    return residuals.filter((each) => each.fold === fold).map((each) => ({ ...each, score: scoreOf(others, each) }));
  });
  return plain.map((spread) => {
    const own = scores.filter(({ regime }) => regime === spread.regime);
    const sorted = Float64Array.from(own.length >= rowsOfRegime ? own : scores, ({ score }) => score).sort();
    const widening = Math.max(1, ranked(sorted, Math.ceil((1 - 2 * tail) * (sorted.length + 1))));
    return { ...spread, low: widening * spread.low, high: widening * spread.high };
  });
}

/** The interval of a prediction. */
export function intervalOf(
  spreads: readonly ErrorSpread[],
  { predictedSeconds, regime }: Pick<Residual, "predictedSeconds" | "regime">,
): { readonly low: number; readonly high: number } {
  const spread = spreads.find((each) => each.regime === regime)!;
  const sigma = scaleAt(spread, predictedSeconds);
  return { low: predictedSeconds * (1 + spread.low * sigma), high: predictedSeconds * (1 + spread.high * sigma) };
}

function plainSpreads(residuals: readonly Residual[]): ErrorSpread[] {
  return kernelRegimes.map((regime) => {
    const own = residuals.filter((each) => each.regime === regime);
    const used = own.length >= rowsOfRegime ? own : residuals;
    const scale = scaleOf(used);
    const scores = Float64Array.from(used, (each) => errorOf(each) / scaleAt(scale, each.predictedSeconds)).sort();
    return {
      regime,
      ...scale,
      // An interval holds its prediction, even where all residuals lie on one side.
      low: Math.min(0, ranked(scores, Math.floor(tail * (scores.length + 1)))),
      high: Math.max(0, ranked(scores, Math.ceil((1 - tail) * (scores.length + 1)))),
      rows: used.length,
    };
  });
}

type Scale = Pick<ErrorSpread, "relative" | "seconds">;

function scaleOf(residuals: readonly Residual[]): Scale {
  const every = Math.ceil(residuals.length / rowsOfScale);
  const some = residuals.filter((_, i) => i % every === 0);
  const shortest = some.reduce((least, each) => Math.min(least, each.predictedSeconds), Number.POSITIVE_INFINITY);
  const errors = Float64Array.from(some, (each) => Math.abs(errorOf(each)));
  const inverse = Float64Array.from(some, (each) => (shortest / each.predictedSeconds) ** 2);
  let best: Scale = { relative: 1, seconds: shortest };
  let least = Number.POSITIVE_INFINITY;
  for (const relative of relatives) {
    for (const share of shares) {
      let cost = 0;
      for (let i = 0; i < errors.length; i++) {
        const square = relative * relative + share * share * inverse[i]!;
        cost += Math.log(square) / 2 + errors[i]! / Math.sqrt(square);
      }
      if (cost < least) {
        least = cost;
        best = { relative, seconds: share * shortest };
      }
    }
  }
  return best;
}

function scaleAt({ relative, seconds }: Scale, predictedSeconds: number): number {
  return Math.hypot(relative, seconds / predictedSeconds);
}

function errorOf({ measuredSeconds, predictedSeconds }: Residual): number {
  return measuredSeconds / predictedSeconds - 1;
}

/** How far out of the interval a residual lies: 1 at its ends, 0 at the prediction. */
function scoreOf(spreads: readonly ErrorSpread[], residual: Residual): number {
  const spread = spreads.find(({ regime }) => regime === residual.regime)!;
  const score = errorOf(residual) / scaleAt(spread, residual.predictedSeconds);
  return score / (score < 0 ? Math.min(-0.1, spread.low) : Math.max(0.1, spread.high));
}

/** The value of a rank from 1, of those there are. */
function ranked(sorted: Float64Array, rank: number): number {
  return sorted[Math.max(0, Math.min(sorted.length, rank) - 1)]!;
}
