/**
 * One line of the accuracy report: what was to be reached on some rows, what is reached there, and what simpler formulas reach on
 * the same rows. All figures are in per cent of the measured time.
 */
import type { ErrorStatistics } from "../error-statistics.ts";
import type { SimpleErrors } from "./simple-formulas.ts";

export const accuracySections = ["steps", "kernels", "tables", "transfer", "engines", "published", "plans"] as const;
export type AccuracySection = (typeof accuracySections)[number];

/** Upper limits, but for coverage: a range; absent where nothing was asked. */
export interface AccuracyTarget {
  readonly median?: number;
  readonly percentile90?: number;
  readonly percentile95?: number;
  readonly maximum?: number;
  readonly halfWidth?: number;
  readonly coverage?: readonly [low: number, high: number];
}

export interface AccuracyLine {
  readonly section: AccuracySection;
  /** What was predicted, short enough for a chart's label. */
  readonly name: string;
  /** How rows were kept out of the fit that predicts them. */
  readonly split: string;
  readonly target: AccuracyTarget;
  readonly errors: ErrorStatistics;
  /** Where the target asks for it. */
  readonly percentile90: number | null;
  /** Medians of simpler formulas; null where none was asked on these rows. */
  readonly simple: SimpleErrors | null;
  /** A part of another line of its section, which counts there. */
  readonly part: boolean;
  /** What stands behind a figure that is not reached, where that is known. */
  readonly whyNot?: string;
}

/** What a figure was to be and is. */
export interface TargetResult {
  readonly name: keyof AccuracyTarget;
  /** Such as "≤ 2 %". */
  readonly wanted: string;
  readonly reached: number;
  readonly isReached: boolean;
}

/**
 * Each figure that the target names.
 * @example a median of at most 2 % where 1.3 % are reached: { name: "median", wanted: "≤ 2 %", reached: 1.3, isReached: true }
 */
export function targetResults({ target, errors, percentile90 }: AccuracyLine): TargetResult[] {
  const atMost = (name: keyof AccuracyTarget, limit: number | undefined, reached: number | null | undefined) =>
    limit === undefined || reached === null || reached === undefined
      ? []
      : [{ name, wanted: `≤ ${limit} %`, reached, isReached: reached <= limit }];
  const { coverage } = target;
  const covered = errors.coverage90;
  return [
    ...atMost("median", target.median, errors.medianAbsolutePercentageError),
    ...atMost("percentile90", target.percentile90, percentile90),
    ...atMost("percentile95", target.percentile95, errors.p95AbsolutePercentageError),
    ...atMost("maximum", target.maximum, errors.maxAbsolutePercentageError),
    ...atMost("halfWidth", target.halfWidth, errors.medianIntervalHalfWidth),
    ...(coverage === undefined || covered === undefined
      ? []
      : [
          {
            name: "coverage" as const,
            wanted: `${coverage[0]} to ${coverage[1]} %`,
            reached: covered,
            isReached: coverage[0] <= covered && covered <= coverage[1],
          },
        ]),
  ];
}

/** Simpler formulas that are nearer than the prediction, by name; those without a figure are none. */
export function nearerFormulas({ errors, simple }: AccuracyLine): string[] {
  if (simple === null) return [];
  return Object.entries(simple).flatMap(([name, median]) =>
    median !== null && median < errors.medianAbsolutePercentageError ? [name] : [],
  );
}
