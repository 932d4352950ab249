/**
 * Measured kernels as the calls of their forms, by family: kind of work, kernel and number format. They are planned and counted
 * by the same code as every prediction, so that a fit and what it is used for never count differently.
 */
import type { Hardware } from "../hardware/hardware.ts";
import { busiestLoad } from "../measurement/expert-load.ts";
import {
  type EngineRow,
  type MeasurementRow,
  type MoeRow,
  type StepRow,
  softwareOf,
} from "../measurement/measurement-row.ts";
import type { MeasurementTable } from "../measurement/measurement-table.ts";
import { rowOperation, rowWorkload } from "../measurement/row-operation.ts";
import { countStep, stepTape } from "../step/count-step.ts";
import type { MixtureOfExpertsCall } from "../timing/kernels/kernel-calls.ts";
import { type FormKind, type KernelCall, operationCall } from "../timing/operation-call.ts";
import type { FormSample } from "./fit-form.ts";
import { kernelPlan } from "./kernel-plan.ts";
import { rowFormats } from "./row-formats.ts";

export interface FamilySamples {
  readonly kind: FormKind;
  readonly kernel: string;
  readonly format: string;
  readonly samples: readonly KernelSample[];
}

export interface KernelSample extends FormSample<KernelCall> {
  readonly row: KernelRow;
  readonly table: string;
  /** Rows of one workload (tokens, batch and context), whatever the shape. */
  readonly workload: string;
}

/** The name of a kernel that a table does not name. */
export const unnamedKernel = "unnamed";

/** Spread of a measurement above which its row counts less: a weight of 1 / √2 where it is this. */
const usualSpread = 0.03;

/**
 * The families of all rows that are of one kernel; rows of whole steps have none.
 * @throws InvalidInput for a row's format that isn't known or can't be multiplied
 */
export function familySamples(tables: readonly MeasurementTable[], hardware: Hardware): FamilySamples[] {
  const families = new Map<string, FamilySamples & { samples: KernelSample[] }>();
  for (const { name, rows } of tables) {
    for (const row of rows) {
      if (row.kind === "steps" || row.kind === "engine") continue;
      const formats = rowFormats(row, hardware, name);
      const workload = rowWorkload(row);
      const plan = kernelPlan(rowOperation(row, formats), formats, workload.queryTokens);
      const call = operationCall(plan.operations[0]!, plan, hardware, row.cold !== false);
      if (call === null) continue;
      const tape = countStep(plan, workload, stepTape(plan));
      call.at(tape.point, tape.counts[0]!);
      if (row.kind === "moe") setLoad(call.call as MixtureOfExpertsCall, row);
      const kernel = softwareOf(row) ?? unnamedKernel;
      const key = `${call.kind}|${kernel}|${call.format}`;
      let family = families.get(key);
      if (family === undefined) {
        family = { kind: call.kind, kernel, format: call.format, samples: [] };
        families.set(key, family);
      }
      family.samples.push({
        ...{ row, table: name, call: call.call, seconds: row.seconds },
        ...{ weight: weightOf(row), group: groupOf(row), workload: workloadOf(row) },
      });
    }
  }
  return [...families.values()];
}

/** A measured mixture says itself how its tokens chose, and of how many devices the busiest was timed. */
function setLoad(call: MixtureOfExpertsCall, row: MoeRow): void {
  call.experts = row.experts;
  call.localExperts = row.experts / row.moeEp;
  call.topK = row.topK;
  // Whatever the experts multiply in, tokens come and go in 16 bits at least.
  call.activationBytesPerElement = Math.max(2, call.activationBytesPerElement);
  const { touchedExperts, choices } = busiestLoad(row);
  call.touchedExperts = touchedExperts;
  call.choices = choices;
}

/** Rows whose own repetitions scatter say less. */
function weightOf({ seconds, minSeconds, maxSeconds, madSeconds }: MeasurementRow): number {
  const range = minSeconds !== null && maxSeconds !== null ? (maxSeconds - minSeconds) / 4 : null;
  const spread = (madSeconds ?? range ?? 0) / seconds;
  return 1 / Math.sqrt(1 + (spread / usualSpread) ** 2);
}

export type KernelRow = Exclude<MeasurementRow, StepRow | EngineRow>;

/** What is held out together: a matrix shape, a K/V head count, a mixture's dimensions, a number of devices. */
function groupOf(row: KernelRow): string {
  switch (row.kind) {
    case "attention":
      return `${row.kvHeads} K/V heads`;
    case "linear":
      return `${row.k} × ${row.n}`;
    case "elementwise":
      return `${row.op} of ${row.features}`;
    case "mla":
      return `${row.heads} heads`;
    case "moe":
      return `${row.dModel} × ${row.dFf}, ${row.topK} of ${row.experts}`;
    case "collectives":
      return `${row.op} on ${row.gpus}`;
  }
}

function workloadOf(row: KernelRow): string {
  const { batch, context, queryTokens } = rowWorkload(row);
  return row.kind === "collectives" ? String(row.messageBytes) : `${batch} × ${queryTokens} × ${context}`;
}
