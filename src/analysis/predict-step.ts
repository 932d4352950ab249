/**
 * One step on one machine: counted, checked for fit, timed. Everything that the commands print is made here.
 * Does it fit comes first: a step that doesn't is never given a speed, only the time it would take if it did.
 */

import type { Model } from "../architecture/model.ts";
import { deviceCount, type Parallelism } from "../architecture/shard.ts";
import type { Hardware } from "../hardware/hardware.ts";
import { memoryLevels } from "../hardware/memory-levels.ts";
import { formatBandwidth, formatBytes } from "../quantity/format-quantity.ts";
import { InvalidInput } from "../quantity/invalid-input.ts";
import { countStep, type StepTape, stepTape } from "../step/count-step.ts";
import { type Footprint, type FootprintPlan, footprintOf, largestBatch } from "../step/footprint.ts";
import { keptFootprint, keptPlan } from "../step/kept-plans.ts";
import { type OperationCounts, operationCounts, type StepTotals, stepTotals } from "../step/step-counts.ts";
import { defaultStepOptions, type StepOptions, type StepWorkload } from "../step/step-options.ts";
import type { StepPlan } from "../step/step-plan.ts";
import { roofline } from "../timing/roofline.ts";
import { stepMemory } from "../timing/step-memory.ts";
import {
  type Bound,
  emptyStepTime,
  largestBound,
  type StepTime,
  type StepTimer,
  type TimingModel,
} from "../timing/timing-model.ts";

/** One operation's row, all its instances together. */
export interface OperationPrediction extends OperationCounts {
  readonly seconds: number;
  readonly bound: Bound;
}

/** A step's prediction, in the names of the contract (docs/json-output.md). Figures are of one device where there are several. */
export interface StepPrediction {
  readonly model: string;
  readonly hardware: string;
  readonly phase: "decode" | "prefill";
  readonly batch: number;
  readonly context: number;
  readonly queryTokens: number;
  readonly beams: number;
  readonly timing: "roofline" | "calibrated";
  /** The software whose kernels and overheads are timed, and the fit that says how long they take; null with the roofline. */
  readonly engine: string | null;
  readonly calibration: string | null;
  readonly parallelism: Parallelism & { readonly devices: number };
  readonly totals: StepTotals;
  /** FLOPs a byte. */
  readonly arithmeticIntensity: number;
  readonly seconds: number | null;
  readonly secondsIfItFitted: number | null;
  readonly lowerBoundSeconds: number;
  readonly interval: { readonly low: number; readonly high: number; readonly level: number } | null;
  readonly tokensPerSecond: number | null;
  readonly bound: Bound | null;
  /** Share of the seconds spent on each part. */
  readonly shares: Readonly<Record<Bound, number>>;
  readonly footprint: Footprint;
  readonly capacityBytes: number;
  /** What may be used of it: capacityBytes × memory share. */
  readonly limitBytes: number;
  readonly fits: boolean;
  /** Largest batch that fits at this context; null where the cache takes no room. */
  readonly largestBatch: number | null;
  readonly operations: readonly OperationPrediction[];
  /** Where the step's bytes come from: the cache that holds all that it moves, or "memory". */
  readonly memoryLevel: string;
  readonly notes: readonly string[];
}

/** A model, its options and a machine, ready to be evaluated at any workload. */
export interface StepPredictor {
  readonly plan: StepPlan;
  readonly footprintPlan: FootprintPlan;
  readonly hardware: Hardware;
  readonly timing: TimingModel;
  readonly timer: StepTimer;
  readonly tape: StepTape;
  readonly time: StepTime;
  /** Bytes that may be used on each device: capacity × memory share. */
  readonly limitBytes: number;
}

export interface PredictorOptions {
  readonly step?: Partial<StepOptions>;
  /** A timing model, or one for any machine; the roofline unless given. */
  readonly timing?: TimingModel | ((hardware: Hardware) => TimingModel);
  /** Share of the capacity that may be used; 1 by default. */
  readonly memoryShare?: number;
}

/**
 * Prepares a model on a machine; what depends on neither batch nor context is done once.
 * @throws InvalidInput where the options don't go with the model or the machine
 */
export function stepPredictor(model: Model, hardware: Hardware, options: PredictorOptions = {}): StepPredictor {
  const memoryShare = options.memoryShare ?? 1;
  if (!(memoryShare > 0 && memoryShare <= 1)) throw new InvalidInput("memoryShare", memoryShare, "wants 0 to 1");
  const plan = keptPlan(model, { ...defaultStepOptions, ...options.step });
  const { timing: asked = roofline } = options;
  const timing = typeof asked === "function" ? asked(hardware) : asked;
  return {
    plan,
    footprintPlan: keptFootprint(plan),
    hardware,
    timing,
    timer: timing.bind(plan),
    tape: stepTape(plan),
    time: emptyStepTime(plan),
    limitBytes: hardware.memoryCapacityBytes * memoryShare,
  };
}

/**
 * Counts and times one workload on the predictor's own tape: the numbers, per operation too, stand in `predictor.tape` and
 * `predictor.time` until the next call. This is the path that every command and sweep takes.
 */
export function evaluateStep(predictor: StepPredictor, workload: StepWorkload): StepTime {
  countStep(predictor.plan, workload, predictor.tape);
  return predictor.timer.time(predictor.tape, predictor.time);
}

/** The whole prediction of one workload, as fresh objects. */
export function predictStep(predictor: StepPredictor, workload: StepWorkload): StepPrediction {
  const time = evaluateStep(predictor, workload);
  const { plan, tape } = predictor;
  const footprint = footprintOf(predictor.footprintPlan, workload);
  const fits = footprint.bytes <= predictor.limitBytes;
  const totals = stepTotals(tape);
  const newTokens = workload.batch * tape.point.queryTokens;
  return {
    model: plan.model.id,
    hardware: predictor.hardware.id,
    phase: plan.options.phase,
    batch: workload.batch,
    context: workload.context,
    queryTokens: tape.point.queryTokens,
    beams: workload.beams ?? 1,
    timing: predictor.timing.id,
    engine: predictor.timing.engine,
    calibration: predictor.timing.calibration,
    parallelism: { ...plan.options.parallelism, devices: deviceCount(plan.options.parallelism) },
    totals,
    arithmeticIntensity: totals.flops / totals.bytes,
    seconds: fits ? time.seconds : null,
    secondsIfItFitted: fits ? null : time.seconds,
    lowerBoundSeconds: time.lowerBoundSeconds,
    interval: fits && time.interval !== null ? { ...time.interval } : null,
    tokensPerSecond: fits ? newTokens / time.seconds : null,
    bound: fits ? largestBound(time.secondsByBound) : null,
    shares: sharesOf(time),
    footprint,
    capacityBytes: predictor.hardware.memoryCapacityBytes,
    limitBytes: predictor.limitBytes,
    fits,
    largestBatch: largestBatch(predictor.footprintPlan, workload, predictor.limitBytes),
    operations: operationRows(predictor),
    memoryLevel: time.memoryLevel,
    notes: [...predictor.timing.notes, ...levelNote(predictor, time)],
  };
}

/** That the bandwidth is a cache's. */
function levelNote({ hardware, tape, plan }: StepPredictor, { memoryLevel }: StepTime): string[] {
  const level = memoryLevels(hardware).find((each) => each.isCache && each.name === memoryLevel);
  if (level === undefined) return [];
  const moved = formatBytes(stepMemory(hardware, plan).heldBytes(tape));
  const rates = `${formatBandwidth(level.bytesPerSecond)} instead of memory's ${formatBandwidth(hardware.memoryBandwidthBytesPerSecond)}`;
  const experts = plan.operations.some(({ definition }) => definition.kind === "mixture-of-experts");
  const what = experts ? "all that a step moves, with all experts," : "all that a step moves";
  return [`${what} (${moved}) fits into ${level.name} (${formatBytes(level.bytes)}): timed at ${rates}`];
}

function sharesOf(time: StepTime): Record<Bound, number> {
  const shares = { ...time.secondsByBound };
  for (const bound of Object.keys(shares) as Bound[]) shares[bound] /= time.seconds;
  return shares;
}

function operationRows(predictor: StepPredictor): OperationPrediction[] {
  const { plan, tape, time, timer } = predictor;
  return plan.operations.map((_, i) => ({
    ...operationCounts(tape, i),
    seconds: time.operationSeconds[i]!,
    bound: timer.boundOf(tape, i),
  }));
}
