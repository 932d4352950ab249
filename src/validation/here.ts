/**
 * This machine's measurements judged: kernels are split, one part is fitted, the other part and all whole steps are predicted,
 * by the fit and, beside it, by the plain roofline on the same ceilings.
 */
import type { Hardware } from "../hardware/hardware.ts";
import type { AttentionRow, MeasurementRow } from "../measurement/measurement-row.ts";
import { variantOfHeads } from "../measurement/measurement-row.ts";
import type { MeasurementTable } from "../measurement/measurement-table.ts";
import { kneeCalibrated } from "../timing/knee-calibrated.ts";
import { fitKernels, type KernelCalibration } from "./fit-kernels.ts";
import { kernelSamples } from "./kernel-samples.ts";
import { type MqaSpeedup, mqaSpeedups } from "./mqa-speedup.ts";
import { splitRows } from "./split-rows.ts";
import { type Validation, validateTables } from "./validate.ts";
import { type VerdictLine, verdictOf } from "./verdict.ts";

export interface TimedTwice {
  readonly calibrated: Validation;
  readonly roofline: Validation;
}

export interface HereValidation {
  readonly hardware: Hardware;
  readonly calibration: KernelCalibration;
  /** Rows that the fit saw. */
  readonly fitted: ReadonlySet<MeasurementRow>;
  /** Kernels that it did not see. */
  readonly kernels: TimedTwice;
  readonly steps: TimedTwice;
  readonly kernelSpeedups: readonly MqaSpeedup[];
  readonly stepSpeedups: readonly MqaSpeedup[];
  readonly verdict: readonly VerdictLine[];
}

export interface HereChoices {
  /** What memory gives at best over its ceiling: the spread of the reads that the ceiling is the median of. */
  readonly readSpread?: number;
  /** The prior of the knee that all families share. */
  readonly usualKnee?: number;
  /** A start-up lasts at most so many of the least tasks, and the machine's measured start. */
  readonly startTasks?: number;
}

/** A processor's thread reads and multiplies in turns and overlaps them in part: between one after the other and the longer. */
const likelyKnee = 2;
/** First rows from memory, threads that meet, a last task that one of them has alone: no more than some tasks of one thread. */
const usualStartTasks = 16;
/** The least task of attention: 256 rows of keys and values of a head of 128 in fp32. */
const leastTaskBytes = 2 ** 18;
/** A pair of MHA and MQA is held out where its families keep so many rows to fit. */
const leastFamilyRows = 6;

/**
 * @throws InvalidInput where no kernel is left to fit, none to predict, or no step
 */
export function judgeHere(
  tables: readonly MeasurementTable[],
  hardware: Hardware,
  choices: HereChoices = {},
): HereValidation {
  const kernelTables = tables.filter((table) => table.kind !== "steps");
  const stepTables = tables.filter((table) => table.kind === "steps");
  const rows = kernelTables.flatMap((table) => table.rows);
  const fitted = fittedRows(rows, hardware);
  const calibration = fitKernels(fitted, hardware, {
    mostEfficiency: Math.max(1, choices.readSpread ?? 1),
    mostStartSeconds: longestStart(rows, hardware, choices.startTasks ?? usualStartTasks),
    usualKnee: choices.usualKnee ?? likelyKnee,
    shareKnee: true,
  });
  const seen = new Set(fitted);
  const heldOut = kernelTables.map((table) => ({ ...table, rows: table.rows.filter((row) => !seen.has(row)) }));
  const timing = (machine: Hardware) => kneeCalibrated(machine, calibration.fits);
  const timedTwice = (some: readonly MeasurementTable[]): TimedTwice => ({
    calibrated: validateTables(some, hardware, { timing }),
    roofline: validateTables(some, hardware),
  });
  const kernels = timedTwice(heldOut);
  const steps = timedTwice(stepTables);
  const kernelSpeedups = mqaSpeedups(kernels.calibrated.compared);
  const stepSpeedups = mqaSpeedups(steps.calibrated.compared);
  const verdict = verdictOf({ kernels, steps, kernelSpeedups, stepSpeedups });
  return { hardware, calibration, fitted: seen, kernels, steps, kernelSpeedups, stepSpeedups, verdict };
}

/** The measured start of a kernel, and some tasks of one thread, which has its share of the bandwidth. */
function longestStart(rows: readonly MeasurementRow[], hardware: Hardware, tasks: number): number {
  const threads = rows.reduce((most, row) => Math.max(most, row.threads ?? 1), 1);
  const taskSeconds = (leastTaskBytes * threads) / hardware.memoryBandwidthBytesPerSecond;
  return (hardware.kernelStartSeconds ?? 0) + tasks * taskSeconds;
}

/** Every third held out, and pairs of MHA and MQA besides as far as their families can spare them; by shapes alone. */
function fittedRows(rows: readonly MeasurementRow[], hardware: Hardware): readonly MeasurementRow[] {
  const families = new Map(kernelSamples(rows, hardware).map(({ families: [own] }, i) => [rows[i]!, own]));
  let { fitted } = splitRows(rows, hardware);
  const besides = new Set<MeasurementRow>();
  for (const pair of attentionPairs(rows)) {
    const without = splitRows(rows, hardware, new Set([...besides, ...pair])).fitted;
    const left = (family: string | undefined): number => without.filter((row) => families.get(row) === family).length;
    if (pair.some((row) => fitted.includes(row) && left(families.get(row)) < leastFamilyRows)) continue;
    for (const row of pair) besides.add(row);
    fitted = without;
  }
  return fitted;
}

/**
 * Pairs of MHA and MQA that are held out together, so that the speed-up of kernels is of two that the fit never saw: of each
 * format and head size those of the middle one of the contexts that both have.
 */
function attentionPairs(rows: readonly MeasurementRow[]): AttentionRow[][] {
  const groups = new Map<string, Map<number, AttentionRow[]>>();
  for (const row of rows) {
    if (row.kind !== "attention" || variantOfHeads(row.heads, row.kvHeads) === "GQA") continue;
    const key = [row.dtype, row.batch, row.heads, row.headDim].join("|");
    const contexts = groups.get(key) ?? new Map<number, AttentionRow[]>();
    groups.set(key, contexts.set(row.context, [...(contexts.get(row.context) ?? []), row]));
  }
  return [...groups.values()].flatMap((contexts) => {
    const both = [...contexts].filter(([, pair]) => pair.length > 1).sort(([a], [b]) => a - b);
    const middle = both[both.length >> 1];
    return middle === undefined ? [] : [middle[1]];
  });
}
