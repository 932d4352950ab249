/**
 * Timing by an engine's constants (engine-form.ts), for machines on which no kernel was measured: as coarse as the runs that the
 * constants were fitted on, with the interval that runs on machines which the fit did not see call for.
 */
import type { Hardware } from "../hardware/hardware.ts";
import { parseNumberFormat } from "../quantity/number-format.ts";
import type { StepTape } from "../step/count-step.ts";
import type { StepPlan } from "../step/step-plan.ts";
import { type EngineFit, engineParameters } from "./engine-fits.ts";
import { type EngineMachine, engineOperationTime } from "./engine-form.ts";
import {
  countEngineOperation,
  engineMachine,
  type PlannedEngineOperation,
  planEngineOperations,
} from "./engine-operation.ts";
import type { KernelTime } from "./kernel-form.ts";
import type { FittedMachine } from "./kernel-machine.ts";
import { kernelSum, type StepKernels } from "./kernel-sum.ts";
import { reachedPeaks } from "./reached-peaks.ts";
import { roofline } from "./roofline.ts";
import type { StepTime, TimingModel } from "./timing-model.ts";

/**
 * @param measured machines whose ceilings are known beside what they state: the peaks of the same chips are taken as far as reached
 * @param version of the engine, which may say which kernels it has; the newest of the fit unless given
 * Binding throws InvalidInput where the roofline does.
 */
export function engineTiming(
  hardware: Hardware,
  fit: EngineFit,
  measured: readonly FittedMachine[] = [],
  version: string | null = null,
): TimingModel {
  const ideal = roofline(hardware);
  const reached = reachedPeaks(hardware, measured);
  const note = `${fit.name}: no kernel of it was measured here; constants ${fit.source}`;
  return {
    id: "calibrated",
    engine: fit.engine,
    calibration: fit.id,
    countsLinkAsActivations: true,
    get notes() {
      return [...ideal.notes, note];
    },
    bind: (plan) => kernelSum(plan, new EngineKernels(plan, reached, fit, version), ideal.bind(plan)),
  };
}

class EngineKernels implements StepKernels {
  private readonly parameters: Float64Array;
  private readonly machine: EngineMachine;
  private readonly operations: readonly PlannedEngineOperation[];
  private readonly handOverSeconds: number;
  private readonly band: EngineFit["band"];

  constructor(plan: StepPlan, hardware: Hardware, fit: EngineFit, version: string | null) {
    this.parameters = engineParameters(fit);
    const share = hardware.basis === "measured" ? 1 : fit.readShare;
    const { weights } = plan.options;
    const format = weights ?? parseNumberFormat(plan.formats.matrices.id);
    this.machine = engineMachine(hardware, hardware.memoryBandwidthBytesPerSecond * share, format, fit, version);
    const rules = { ...fit, attentionOnMatrixUnits: (group: number) => fit.attentionOnMatrixUnits(group, version) };
    this.operations = planEngineOperations(plan, rules, hardware);
    this.handOverSeconds = (plan.options.parallelism.pipeline - 1) * (fit.constants["stageSeconds"] ?? 0);
    this.band = fit.band;
  }

  begin(): void {}

  time(tape: StepTape, i: number, into: KernelTime): boolean {
    const operation = countEngineOperation(this.operations[i]!, tape);
    engineOperationTime(this.parameters, operation, this.machine, into);
    return true;
  }

  finish(_tape: StepTape, into: StepTime): void {
    into.seconds += this.handOverSeconds;
    into.secondsByBound.overhead += this.handOverSeconds;
    const { low, high } = this.band;
    into.interval = { low: into.seconds * Math.exp(low), high: into.seconds * Math.exp(high), level: 0.9 };
  }
}
