/**
 * Evaluates a range of a sweep's rows. What doesn't depend on batch and context is planned once a combination and kept for
 * the next range; a row costs one evaluateStep and no fresh objects to speak of. Values are those of predictStep.
 */
import { applyAttention, applyWindow } from "../architecture/attention-variant.ts";
import { deviceCount } from "../architecture/shard.ts";
import { InvalidInput } from "../quantity/invalid-input.ts";
import { footprintOf, largestBatch } from "../step/footprint.ts";
import type { StepWorkload } from "../step/step-options.ts";
import { chooseTiming } from "../timing/choose-timing.ts";
import { largestBound } from "../timing/timing-model.ts";
import { evaluateStep, type StepPredictor, stepPredictor } from "./predict-step.ts";
import { emptySweepArrays, type SweepBlock } from "./sweep-block.ts";
import { type SweepColumnName, sweepNumberColumns, sweepSlot, sweepTextColumns } from "./sweep-columns.ts";
import { combinationAt, pointAt, pointsPerCombination, type SweepCombination, type SweepGrid } from "./sweep-grid.ts";

/** Rows [from, to) of a grid. */
export type SweepEvaluator = (from: number, to: number) => SweepBlock;

/**
 * Makes an evaluator of a grid; it may be called with any ranges in any order.
 * Rows whose options don't go together (gqa:8 on 12 heads, a tensor parallelism that doesn't divide) get the status
 * "invalid: …" and no figures; those that don't fit have fits false and no seconds.
 */
export function sweepEvaluator(grid: SweepGrid): SweepEvaluator {
  const points = pointsPerCombination(grid);
  let kept: Prepared | null = null;
  return (from, to) => {
    const words = new WordList();
    const { codes, numbers } = emptySweepArrays(to - from);
    let notFitting = 0;
    let invalid = 0;
    let row = from;
    while (row < to) {
      const index = Math.floor(row / points);
      if (kept?.index !== index) kept = prepare(grid, index);
      const end = Math.min(to, (index + 1) * points);
      const writer = new RowWriter(kept, words, codes, numbers);
      for (; row < end; row++) {
        const { queryTokens, batch, context } = pointAt(grid, row - index * points);
        const outcome = writer.write(row - from, workloadOf(grid, batch, context, queryTokens));
        if (outcome === "invalid") invalid++;
        else if (outcome === "notFitting") notFitting++;
      }
    }
    return { rows: to - from, words: words.list, codes, numbers, notFitting, invalid };
  };
}

/** A combination ready to be evaluated, or why it can't be. */
interface Prepared {
  readonly index: number;
  readonly combination: SweepCombination;
  readonly predictor: StepPredictor | null;
  readonly status: string;
  /** Largest batch by context, which is all that it depends on. */
  readonly largestBatches: Map<number, number | null>;
}

function prepare(grid: SweepGrid, index: number): Prepared {
  const combination = combinationAt(grid, index);
  const rest = { index, combination, largestBatches: new Map<number, number | null>() };
  try {
    const variant = applyAttention(combination.model, combination.attention, grid.sameParameters);
    const model = grid.window === null ? variant : applyWindow(variant, grid.window);
    const timing = chooseTiming(combination.hardware, grid.timing);
    const options = { step: combination.step, memoryShare: grid.memoryShare, timing };
    return { ...rest, predictor: stepPredictor(model, combination.hardware, options), status: "ok" };
  } catch (error) {
    return { ...rest, predictor: null, status: invalidStatus(error) };
  }
}

/** "invalid: attention gqa:8 (…)"; what is no bad input is thrown on. */
function invalidStatus(error: unknown): string {
  if (!(error instanceof InvalidInput)) throw error;
  return error.message.replace(/^invalid ([^:]*): /, "invalid: $1 ");
}

function workloadOf(grid: SweepGrid, batch: number, context: number, queryTokens: number | null): StepWorkload {
  const { beams, sourceContext } = grid;
  if (queryTokens === null && sourceContext === null) return { batch, context, beams };
  return {
    batch,
    context,
    beams,
    ...(queryTokens === null ? {} : { queryTokens }),
    ...(sourceContext === null ? {} : { sourceContext }),
  };
}

/** Texts of a block, each once. */
class WordList {
  readonly list: string[] = [];
  private readonly codes = new Map<string, number>();

  code(word: string): number {
    let code = this.codes.get(word);
    if (code === undefined) {
      code = this.list.push(word) - 1;
      this.codes.set(word, code);
    }
    return code;
  }
}

const slots = slotsOf(
  "batch",
  "context",
  "queryTokens",
  "beams",
  "parallelism_tensor",
  "parallelism_pipeline",
  "parallelism_expert",
  "parallelism_devices",
  "totals_flops",
  "totals_matmulFlops",
  "totals_bytes",
  "totals_weightBytes",
  "totals_kvBytes",
  "totals_activationBytes",
  "totals_linkBytes",
  "arithmeticIntensity",
  "seconds",
  "secondsIfItFitted",
  "lowerBoundSeconds",
  "interval_low",
  "interval_high",
  "interval_level",
  "tokensPerSecond",
  "shares_weights",
  "shares_cache",
  "shares_activations",
  "shares_compute",
  "shares_link",
  "shares_overhead",
  "footprint_bytes",
  "footprint_weightBytes",
  "footprint_cacheBytes",
  "capacityBytes",
  "limitBytes",
  "fits",
  "largestBatch",
  "status",
  "bound",
  "memoryLevel",
);

function slotsOf<Name extends SweepColumnName>(...names: Name[]): Readonly<Record<Name, number>> {
  return Object.fromEntries(names.map((name) => [name, sweepSlot(name)])) as Record<Name, number>;
}

function timingTexts(predictor: StepPredictor | null): Readonly<Partial<Record<SweepColumnName, string>>> {
  if (predictor === null) return {};
  const { id, engine, calibration } = predictor.timing;
  return {
    timing: id,
    ...(engine === null ? {} : { engine }),
    ...(calibration === null ? {} : { calibration }),
  };
}

/** Writes the rows of one combination. */
class RowWriter {
  private readonly prepared: Prepared;
  private readonly words: WordList;
  private readonly codes: Int32Array;
  private readonly numbers: Float64Array;
  /** The text cells that all rows of the combination share. */
  private readonly shared: Int32Array;

  constructor(prepared: Prepared, words: WordList, codes: Int32Array, numbers: Float64Array) {
    this.prepared = prepared;
    this.words = words;
    this.codes = codes;
    this.numbers = numbers;
    const { model, attention, hardware, step } = prepared.combination;
    const texts: Readonly<Partial<Record<SweepColumnName, string>>> = {
      status: prepared.status,
      model: model.id,
      hardware: hardware.id,
      attention,
      phase: step.phase,
      weights: step.weights?.id ?? (model.publishedWeights === null ? "bf16" : "published"),
      kvCache: step.kvCache.id,
      activations: step.activations.id,
      ...timingTexts(prepared.predictor),
    };
    this.shared = new Int32Array(sweepTextColumns).fill(-1);
    for (const [name, text] of Object.entries(texts)) {
      this.shared[sweepSlot(name as SweepColumnName)] = words.code(text);
    }
  }

  write(row: number, workload: StepWorkload): "fits" | "notFitting" | "invalid" {
    const { prepared, numbers } = this;
    const { step } = prepared.combination;
    const n = row * sweepNumberColumns;
    this.codes.set(this.shared, row * sweepTextColumns);
    numbers[n + slots.batch] = workload.batch;
    numbers[n + slots.context] = workload.context;
    numbers[n + slots.queryTokens] = workload.queryTokens ?? (step.phase === "prefill" ? workload.context : 1);
    numbers[n + slots.beams] = workload.beams ?? 1;
    numbers[n + slots.parallelism_tensor] = step.parallelism.tensor;
    numbers[n + slots.parallelism_pipeline] = step.parallelism.pipeline;
    numbers[n + slots.parallelism_expert] = step.parallelism.expert;
    numbers[n + slots.parallelism_devices] = deviceCount(step.parallelism);
    if (prepared.predictor === null) return "invalid";
    try {
      evaluateStep(prepared.predictor, workload);
    } catch (error) {
      this.codes[row * sweepTextColumns + slots.status] = this.words.code(invalidStatus(error));
      return "invalid";
    }
    return this.writeFigures(prepared.predictor, row, n, workload) ? "fits" : "notFitting";
  }

  /** The figures just evaluated, with the arithmetic of predictStep; returns whether the step fits. */
  private writeFigures(predictor: StepPredictor, row: number, n: number, workload: StepWorkload): boolean {
    const { numbers } = this;
    const { tape, time } = predictor;
    const t = tape.totals;
    const bytes = t.weightBytes + t.kvBytes + t.activationBytes;
    numbers[n + slots.totals_flops] = t.flops;
    numbers[n + slots.totals_matmulFlops] = t.matmulFlops;
    numbers[n + slots.totals_bytes] = bytes;
    numbers[n + slots.totals_weightBytes] = t.weightBytes;
    numbers[n + slots.totals_kvBytes] = t.kvBytes;
    numbers[n + slots.totals_activationBytes] = t.activationBytes;
    numbers[n + slots.totals_linkBytes] = t.linkBytes;
    numbers[n + slots.arithmeticIntensity] = t.flops / bytes;
    const footprint = footprintOf(predictor.footprintPlan, workload);
    const fits = footprint.bytes <= predictor.limitBytes;
    numbers[n + (fits ? slots.seconds : slots.secondsIfItFitted)] = time.seconds;
    numbers[n + slots.lowerBoundSeconds] = time.lowerBoundSeconds;
    if (fits && time.interval !== null) {
      numbers[n + slots.interval_low] = time.interval.low;
      numbers[n + slots.interval_high] = time.interval.high;
      numbers[n + slots.interval_level] = time.interval.level;
    }
    if (fits) {
      numbers[n + slots.tokensPerSecond] = (workload.batch * tape.point.queryTokens) / time.seconds;
      this.codes[row * sweepTextColumns + slots.bound] = this.words.code(largestBound(time.secondsByBound));
    }
    this.codes[row * sweepTextColumns + slots.memoryLevel] = this.words.code(time.memoryLevel);
    const by = time.secondsByBound;
    numbers[n + slots.shares_weights] = by.weights / time.seconds;
    numbers[n + slots.shares_cache] = by.cache / time.seconds;
    numbers[n + slots.shares_activations] = by.activations / time.seconds;
    numbers[n + slots.shares_compute] = by.compute / time.seconds;
    numbers[n + slots.shares_link] = by.link / time.seconds;
    numbers[n + slots.shares_overhead] = by.overhead / time.seconds;
    numbers[n + slots.footprint_bytes] = footprint.bytes;
    numbers[n + slots.footprint_weightBytes] = footprint.weightBytes;
    numbers[n + slots.footprint_cacheBytes] = footprint.cacheBytes;
    numbers[n + slots.capacityBytes] = predictor.hardware.memoryCapacityBytes;
    numbers[n + slots.limitBytes] = predictor.limitBytes;
    numbers[n + slots.fits] = fits ? 1 : 0;
    numbers[n + slots.largestBatch] = this.largestBatch(predictor, workload) ?? Number.NaN;
    return fits;
  }

  private largestBatch(predictor: StepPredictor, workload: StepWorkload): number | null {
    const known = this.prepared.largestBatches.get(workload.context);
    if (known !== undefined) return known;
    const found = largestBatch(predictor.footprintPlan, workload, predictor.limitBytes);
    this.prepared.largestBatches.set(workload.context, found);
    return found;
  }
}
