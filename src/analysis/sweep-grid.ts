/**
 * A grid of decode steps: every model with every attention on every machine, in every format, over batches and contexts.
 *
 * Rows are numbered in mixed radix, the first axis slowest:
 *   model, attention, hardware, phase, weights, kvCache, activations, tensor, pipeline and expert parallel   (a combination)
 *   query tokens, batch, context                                                                             (its points)
 * so that neighbouring rows share what is planned once, and any range of rows can be evaluated on its own.
 */
import type { Model } from "../architecture/model.ts";
import type { Hardware } from "../hardware/hardware.ts";
import { InvalidInput } from "../quantity/invalid-input.ts";
import type { NumberFormat } from "../quantity/number-format.ts";
import type { StepOptions } from "../step/step-options.ts";
import type { TimingChoice } from "../timing/choose-timing.ts";

/** Plain data, so that it can be handed to a worker. */
export interface SweepGrid {
  readonly models: readonly Model[];
  /** mha, gqa:G, mqa, mla or as-is. */
  readonly attentions: readonly string[];
  readonly hardware: readonly Hardware[];
  readonly phases: readonly StepOptions["phase"][];
  /** Null is the format that the model is published in. */
  readonly weights: readonly (NumberFormat | null)[];
  readonly kvCaches: readonly NumberFormat[];
  readonly activations: readonly NumberFormat[];
  readonly tensorParallel: readonly number[];
  readonly pipelineParallel: readonly number[];
  readonly expertParallel: readonly number[];
  /** Null is one token a sequence, or the whole prompt in a prefill. */
  readonly queryTokens: readonly (number | null)[];
  readonly batches: readonly number[];
  readonly contexts: readonly number[];
  /** The same for every row; its phase, formats and parallelism are replaced by those of the axes. */
  readonly step: StepOptions;
  readonly sameParameters: boolean;
  /** Sliding window put on every layer, in tokens; null leaves the model's own. */
  readonly window: number | null;
  readonly beams: number;
  readonly sourceContext: number | null;
  readonly memoryShare: number;
  readonly timing: TimingChoice;
}

/** What is planned once for many points. */
export interface SweepCombination {
  readonly model: Model;
  readonly attention: string;
  readonly hardware: Hardware;
  readonly step: StepOptions;
}

/** One row's workload. */
export interface SweepPoint {
  readonly queryTokens: number | null;
  readonly batch: number;
  readonly context: number;
}

/** More rows than this would take terabytes and days. */
export const maxSweepRows = 1_000_000_000;

/** The axes with their names, slowest first. */
export function sweepAxes(grid: SweepGrid): readonly (readonly [name: string, values: number])[] {
  return [
    ["model", grid.models.length],
    ["attention", grid.attentions.length],
    ["hardware", grid.hardware.length],
    ["phase", grid.phases.length],
    ["weights", grid.weights.length],
    ["kvCache", grid.kvCaches.length],
    ["activations", grid.activations.length],
    ["tensorParallel", grid.tensorParallel.length],
    ["pipelineParallel", grid.pipelineParallel.length],
    ["expertParallel", grid.expertParallel.length],
    ["queryTokens", grid.queryTokens.length],
    ["batch", grid.batches.length],
    ["context", grid.contexts.length],
  ];
}

/**
 * Rows of the grid: the product of its axes.
 * @throws InvalidInput for an empty axis, and for more than 1,000,000,000 rows
 * @example 2 models × 3 attentions × 1 machine × 4 batches × 5 contexts are 120 rows
 */
export function sweepRows(grid: SweepGrid): number {
  let rows = 1;
  for (const [name, values] of sweepAxes(grid)) {
    if (values === 0) throw new InvalidInput(name, "", "wants at least one value");
    rows *= values;
  }
  if (rows > maxSweepRows) {
    const axes = sweepAxes(grid).filter(([, values]) => values > 1);
    const product = axes.map(([name, values]) => `${values} ${name}`).join(" x ");
    throw new InvalidInput("sweep", `${rows} rows`, `at most ${maxSweepRows}; the grid is ${product}`);
  }
  return rows;
}

/** Rows that share a combination: they follow each other. */
export function pointsPerCombination(grid: SweepGrid): number {
  return grid.queryTokens.length * grid.batches.length * grid.contexts.length;
}

/** The combination of rows [index × pointsPerCombination, (index + 1) × pointsPerCombination). */
export function combinationAt(grid: SweepGrid, index: number): SweepCombination {
  let rest = index;
  const digit = <T>(values: readonly T[]): T => {
    const value = values[rest % values.length] as T;
    rest = Math.floor(rest / values.length);
    return value;
  };
  const expert = digit(grid.expertParallel);
  const pipeline = digit(grid.pipelineParallel);
  const tensor = digit(grid.tensorParallel);
  const activations = digit(grid.activations);
  const kvCache = digit(grid.kvCaches);
  const weights = digit(grid.weights);
  const phase = digit(grid.phases);
  const hardware = digit(grid.hardware);
  const attention = digit(grid.attentions);
  const model = digit(grid.models);
  const parallelism = { tensor, pipeline, expert };
  return { model, attention, hardware, step: { ...grid.step, phase, weights, kvCache, activations, parallelism } };
}

/** The workload of point `index` within its combination. */
export function pointAt(grid: SweepGrid, index: number): SweepPoint {
  const contexts = grid.contexts.length;
  const batches = grid.batches.length;
  return {
    context: grid.contexts[index % contexts] as number,
    batch: grid.batches[Math.floor(index / contexts) % batches] as number,
    queryTokens: grid.queryTokens[Math.floor(index / (contexts * batches))] as number | null,
  };
}
