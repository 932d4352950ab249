/**
 * What a published run asks of its machine, counted as every step is counted, for the engine form: the operations of its prefill
 * and of the decode step in the middle of its answer, whose cache is as long as the average of all of them.
 */
import { parseNumberFormat } from "../../quantity/number-format.ts";
import { countStep } from "../../step/count-step.ts";
import { footprintOf, planFootprint } from "../../step/footprint.ts";
import { defaultStepOptions, type StepOptions, type StepWorkload } from "../../step/step-options.ts";
import { planStep } from "../../step/step-plan.ts";
import type { EngineOperation, EngineRunCall } from "../../timing/engine-form.ts";
import { countEngineOperation, engineMachine, planEngineOperations } from "../../timing/engine-operation.ts";
import type { PublishedRun } from "./published-run.ts";

/** What one run takes at the ceilings, and what it holds. */
export interface RunWork {
  readonly call: EngineRunCall;
  /** Bytes on one device at the end of the run. */
  readonly footprintBytes: number;
}

/** @param bytesPerSecond the machine's read ceiling: measured where it is, else the datasheet's */
export function runWork(run: PublishedRun, bytesPerSecond: number): RunWork {
  const { hardware, batch, inputTokens, outputTokens, part } = run;
  const middle = Math.max(1, Math.round(inputTokens + outputTokens / 2));
  const prompt = { batch, context: Math.max(1, inputTokens) };
  return {
    call: {
      ...engineMachine(
        hardware,
        bytesPerSecond,
        run.weights === null ? null : parseNumberFormat(run.weights),
        run.engine.fit,
        run.row.engineVersion,
      ),
      prefill: part === "decode" ? null : operationsOf(run, "prefill", prompt),
      decode: part === "prefill" ? null : operationsOf(run, "decode", { batch, context: middle }),
      steps: part === "run" ? outputTokens - 1 : 1,
      stages: run.engine.splitsLayers ? run.devices : 1,
    },
    footprintBytes: footprintBytes(run),
  };
}

export function optionsOf(run: PublishedRun, phase: StepOptions["phase"]): StepOptions {
  return {
    ...defaultStepOptions,
    phase,
    weights: run.weights === null ? null : parseNumberFormat(run.weights),
    kvCache: parseNumberFormat(run.kvCache),
    activations: parseNumberFormat(run.activations),
    parallelism: { ...defaultStepOptions.parallelism, tensor: run.tensorParallel },
  };
}

function operationsOf(run: PublishedRun, phase: StepOptions["phase"], workload: StepWorkload): EngineOperation[] {
  const plan = planStep(run.model, optionsOf(run, phase));
  const tape = countStep(plan, workload);
  const { fit } = run.engine;
  const version = run.row.engineVersion;
  const rules = { ...fit, attentionOnMatrixUnits: (group: number) => fit.attentionOnMatrixUnits(group, version) };
  return planEngineOperations(plan, rules, run.hardware).map((planned) => countEngineOperation(planned, tape));
}

function footprintBytes(run: PublishedRun): number {
  const plan = planFootprint(planStep(run.model, optionsOf(run, "decode")));
  const context = Math.max(1, run.inputTokens + run.outputTokens);
  const { bytes } = footprintOf(plan, { batch: run.batch, context });
  return run.engine.splitsLayers ? bytes / run.devices : bytes;
}
