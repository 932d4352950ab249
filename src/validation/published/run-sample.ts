/** Published runs as samples of the engine form, and their fit. The call carries its machine, since the runs are of several. */
import { type EngineRunCall, engineForm } from "../../timing/engine-form.ts";
import { emptyKernelTime, type KernelMachine } from "../../timing/kernel-form.ts";
import { type FormFit, type FormSample, fitForm } from "../fit-form.ts";
import type { PublishedRun } from "./published-run.ts";
import type { RunEngine } from "./run-engines.ts";
import type { RunWork } from "./run-work.ts";

/** A run that passed the audit. */
export interface CountedRun {
  readonly run: PublishedRun;
  readonly work: RunWork;
}

/** The engine form asks nothing of it. */
export const noMachine: KernelMachine = {
  bytesPerSecond: 1,
  processors: 1,
  cacheBytes: 0,
  peakFlopsPerSecond: {},
  linkBytesPerSecond: null,
};

/** @throws RangeError for no runs */
export function fitRuns(engine: RunEngine, runs: readonly CountedRun[]): FormFit {
  const samples = runs.map(
    ({ run, work }): FormSample<EngineRunCall> => ({ call: work.call, seconds: run.seconds, group: run.model.id }),
  );
  return fitForm(engineForm, samples, noMachine, { fixed: engine.fixed });
}

/** Seconds of a run, or of its step, by an engine's constants. */
export function runSeconds(constants: ArrayLike<number>, call: EngineRunCall): number {
  const time = emptyKernelTime();
  engineForm.time(constants, call, noMachine, time);
  return time.seconds;
}
