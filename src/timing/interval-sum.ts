/**
 * The 90 % interval of a step, from its kernels' own. Each kernel's interval is that of its family's cross-validated residuals
 * (validation/error-spreads.ts). Through the sum:
 *   instances of one operation    are off by the same factor: their errors add
 *   operations of one family      share a part of their error, the correlation ρ that the residuals show:
 *                                 s² = (1 − ρ) Σ (tᵢ wᵢ)² + ρ (Σ tᵢ wᵢ)²        wᵢ: relative distance to the interval's end
 *   families                      are off independently: s² add
 *   another machine's fit         is off by one factor for all kernels: its s² adds
 * Upwards and downwards apart, since residuals are skewed.
 * Source: Papadopoulos et al. 2002 (split conformal); Vovk et al. 2005 (by categories).
 */
import type { ErrorSpread, FittedKernel } from "./calibration.ts";
import type { KernelRegime } from "./kernel-regime.ts";

/** 95 % of a normal distribution lie below so many standard deviations. */
const ninetyPercent = 1.6449;

/** What a kernel's predictions may be off by. */
export interface KernelSpread {
  /** Whose error it shares. */
  readonly family: number;
  readonly correlation: number;
  readonly shortestSeconds: number;
  readonly longestSeconds: number;
  readonly memory: ErrorSpread;
  readonly compute: ErrorSpread;
}

export function kernelSpread(fitted: FittedKernel, family: number): KernelSpread {
  const { correlation, shortestSeconds, longestSeconds } = fitted;
  const of = (regime: KernelRegime): ErrorSpread => fitted.spreads.find((spread) => spread.regime === regime)!;
  return { family, correlation, shortestSeconds, longestSeconds, memory: of("memory"), compute: of("compute") };
}

export class IntervalSum {
  extrapolates = false;
  private readonly squaresUp: Float64Array;
  private readonly squaresDown: Float64Array;
  private readonly sumsUp: Float64Array;
  private readonly sumsDown: Float64Array;
  private readonly correlations: Float64Array;
  private readonly transfer: number;
  private kernelSeconds = 0;
  private readonly result = { low: 0, high: 0, level: 0.9 };

  constructor(families: number, transferDeviation: number) {
    this.squaresUp = new Float64Array(families);
    this.squaresDown = new Float64Array(families);
    this.sumsUp = new Float64Array(families);
    this.sumsDown = new Float64Array(families);
    this.correlations = new Float64Array(families);
    this.transfer = Math.expm1(ninetyPercent * transferDeviation);
  }

  clear(): void {
    this.squaresUp.fill(0);
    this.squaresDown.fill(0);
    this.sumsUp.fill(0);
    this.sumsDown.fill(0);
    this.kernelSeconds = 0;
    this.extrapolates = false;
  }

  /** Adds an operation: what rules one of its instances, that one's seconds, and those of all of them. */
  add(spread: KernelSpread, regime: KernelRegime, one: number, seconds: number): void {
    const { family } = spread;
    const { relative, seconds: fixed, low, high } = spread[regime];
    const share = fixed / one;
    const sigma = seconds * Math.sqrt(relative * relative + share * share);
    const up = sigma * high;
    const down = -sigma * low;
    this.correlations[family] = spread.correlation;
    this.squaresUp[family]! += up * up;
    this.squaresDown[family]! += down * down;
    this.sumsUp[family]! += up;
    this.sumsDown[family]! += down;
    this.kernelSeconds += seconds;
    if (one > 2 * spread.longestSeconds || one < spread.shortestSeconds / 2) this.extrapolates = true;
  }

  /** The interval around a step's seconds; valid until the next call. */
  around(seconds: number): { readonly low: number; readonly high: number; readonly level: number } {
    const carried = (this.kernelSeconds * this.transfer) ** 2;
    let up = carried;
    let down = carried;
    for (let family = 0; family < this.correlations.length; family++) {
      const shared = this.correlations[family]!;
      up += (1 - shared) * this.squaresUp[family]! + shared * this.sumsUp[family]! ** 2;
      down += (1 - shared) * this.squaresDown[family]! + shared * this.sumsDown[family]! ** 2;
    }
    const { result } = this;
    result.low = Math.max(0, seconds - Math.sqrt(down));
    result.high = seconds + Math.sqrt(up);
    return result;
  }
}
