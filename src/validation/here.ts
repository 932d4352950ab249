/**
 * This machine's measurements judged: kernels are split, one part is fitted, the other part and all whole steps are predicted,
 * by the fit and, beside it, by the plain roofline on the same ceilings.
 */
import type { Hardware } from "../hardware/hardware.ts";
import type { AttentionRow, MeasurementRow } from "../measurement/measurement-row.ts";
import { variantOfHeads } from "../measurement/measurement-row.ts";
import type { MeasurementTable } from "../measurement/measurement-table.ts";
import { calibrated } from "../timing/calibrated.ts";
import { fitKernels, type KernelCalibration } from "./fit-kernels.ts";
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

/** What a kernel may reach of a ceiling that has a spread of its own. */
const mostEfficiency = 1.03;
/** Threads that meet, first rows from memory, a last task that one of them has alone: some tens of microseconds. */
const mostStartSeconds = 60e-6;
/** A thread of a processor reads and multiplies in turns, block by block, and overlaps them in part. */
const usualKnee = 1.5;

/**
 * @throws InvalidInput where no kernel is left to fit, none to predict, or no step
 */
export function judgeHere(tables: readonly MeasurementTable[], hardware: Hardware): HereValidation {
  const kernelTables = tables.filter((table) => table.kind !== "steps");
  const stepTables = tables.filter((table) => table.kind === "steps");
  const rows = kernelTables.flatMap((table) => table.rows);
  const { fitted } = splitRows(rows, hardware, pairedAttention(rows));
  const calibration = fitKernels(fitted, hardware, { mostEfficiency, mostStartSeconds, usualKnee });
  const seen = new Set(fitted);
  const heldOut = kernelTables.map((table) => ({ ...table, rows: table.rows.filter((row) => !seen.has(row)) }));
  const timing = (machine: Hardware) => calibrated(machine, calibration.fits);
  const timedTwice = (some: readonly MeasurementTable[]): TimedTwice => ({
    calibrated: validateTables(some, hardware, { timing }),
    roofline: validateTables(some, hardware),
  });
  const kernels = timedTwice(heldOut);
  const steps = timedTwice(stepTables);
  const kernelSpeedups = mqaSpeedups(kernels.calibrated.compared);
  const stepSpeedups = mqaSpeedups(steps.calibrated.compared);
  const verdict = verdictOf(kernels.calibrated, steps.calibrated, kernelSpeedups, stepSpeedups);
  return { hardware, calibration, fitted: seen, kernels, steps, kernelSpeedups, stepSpeedups, verdict };
}

/**
 * Pairs of MHA and MQA that are held out together, so that the speed-up of kernels is of two that the fit never saw: of each
 * format and head size those of the middle one of the contexts that both have.
 */
function pairedAttention(rows: readonly MeasurementRow[]): ReadonlySet<MeasurementRow> {
  const groups = new Map<string, Map<number, AttentionRow[]>>();
  for (const row of rows) {
    if (row.kind !== "attention" || variantOfHeads(row.heads, row.kvHeads) === "GQA") continue;
    const key = [row.dtype, row.batch, row.heads, row.headDim].join("|");
    const contexts = groups.get(key) ?? new Map<number, AttentionRow[]>();
    groups.set(key, contexts.set(row.context, [...(contexts.get(row.context) ?? []), row]));
  }
  const held = new Set<MeasurementRow>();
  for (const contexts of groups.values()) {
    const both = [...contexts].filter(([, pair]) => pair.length > 1).sort(([a], [b]) => a - b);
    for (const row of both[both.length >> 1]?.[1] ?? []) held.add(row);
  }
  return held;
}
