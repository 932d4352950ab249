/**
 * Calibrated timing: each operation takes what the fitted form of its kernel says (kernels/, calibration.ts) at the ceilings of the
 * machine, as often as it has instances, and the software adds what its execution profile says. Kernels run one after the other.
 *   fused       an operation that a neighbour's kernel serves moves its bytes at that kernel's pace and starts nothing
 *   unfused     attention whose logits are written and read moves them beside its kernel (unfused-bytes.ts)
 *   eager       launches run ahead of the kernels: the step lasts the longer of all kernels and all launches
 *   interval    of 90 %, carried through the sum (interval-sum.ts)
 * An operation that no kernel stands for takes its roofline's time, and a note says so.
 */
import type { Hardware } from "../hardware/hardware.ts";
import type { StepTape } from "../step/count-step.ts";
import type { PlannedOperation } from "../step/planned-operation.ts";
import type { StepPlan } from "../step/step-plan.ts";
import { type Calibration, chooseKernel } from "./calibration.ts";
import { carriedParameters } from "./carried-parameters.ts";
import type { EngineConstants, ExecutionProfile } from "./execution-profile.ts";
import { IntervalSum, type KernelSpread, kernelSpread } from "./interval-sum.ts";
import type { KernelForm, KernelMachine } from "./kernel-form.ts";
import { kernelMachine } from "./kernel-machine.ts";
import { kernelRegime } from "./kernel-regime.ts";
import { kernelSum, type StepKernels } from "./kernel-sum.ts";
import { kernelForms } from "./kernels/registry.ts";
import { type KernelCall, type OperationCall, operationCall, standInKinds } from "./operation-call.ts";
import { roofline } from "./roofline.ts";
import type { StepTime, TimingModel } from "./timing-model.ts";
import { unfusedBytes } from "./unfused-bytes.ts";

export interface CalibratedOptions {
  /** What carrying the fit to this machine adds to the interval: a standard deviation of the logarithm, of all kernels together. */
  readonly transferDeviation?: number;
  /** Whether kernels find their data in memory, as in a step, or in a cache that the same call filled. */
  readonly cold?: boolean;
  /** What is to be said of the choice of the calibration. */
  readonly notes?: readonly string[];
}

/** Binding throws InvalidInput where the roofline does: a format that can't be multiplied, a link that is missing. */
export function calibrated(
  hardware: Hardware,
  calibration: Calibration,
  profile: ExecutionProfile,
  options: CalibratedOptions = {},
): TimingModel {
  const machine = kernelMachine(hardware, calibration);
  const reached = { ...hardware, peakFlopsPerSecond: machine.peakFlopsPerSecond };
  const ideal = roofline(hardware);
  const notes: string[] = [...(options.notes ?? [])];
  const unmeasured: string[] = [];
  const say = (note: string | null): void => {
    if (note !== null && !notes.includes(note)) notes.push(note);
  };
  return {
    id: "calibrated",
    engine: profile.id,
    calibration: calibration.id,
    get notes() {
      return [...ideal.notes, ...notes, ...unmeasuredNote(unmeasured)];
    },
    bind(plan) {
      const kernels = plan.operations.map((operation) => {
        const kernel = boundKernel(operation, plan, reached, calibration, profile, say, options.cold ?? true);
        if (kernel === null && !unmeasured.includes(operation.name)) unmeasured.push(operation.name);
        return kernel;
      });
      const step = new FormKernels(plan, kernels, machine, profile, options.transferDeviation ?? 0, say);
      return kernelSum(plan, step, ideal.bind(plan));
    },
  };
}

interface BoundKernel {
  readonly form: KernelForm<KernelCall>;
  readonly parameters: Float64Array;
  readonly operation: OperationCall;
  /** Bytes that it moves beside those of its kernel; null where there are none. */
  readonly besideBytes: ReturnType<typeof unfusedBytes>;
  readonly instances: number;
  readonly encoder: boolean;
  /** Whether a neighbour's kernel serves it. */
  readonly fused: boolean;
  readonly spread: KernelSpread;
}

function boundKernel(
  operation: PlannedOperation,
  plan: StepPlan,
  hardware: Hardware,
  calibration: Calibration,
  profile: ExecutionProfile,
  say: (note: string | null) => void,
  cold: boolean,
): BoundKernel | null {
  const call = operationCall(operation, plan, hardware, cold);
  const chosen = call === null ? null : chosenFor(call, calibration, profile);
  if (call === null || chosen === null) return null;
  say(chosen.note);
  const { fitted } = chosen;
  return {
    form: kernelForms[fitted.kind] as KernelForm<KernelCall>,
    parameters: carriedParameters(fitted, hardware, calibration, profile.launch),
    operation: call,
    besideBytes: unfusedBytes(operation),
    instances: operation.instances,
    encoder: operation.encoder,
    fused: Object.hasOwn(profile.fused, operation.definition.kind),
    spread: kernelSpread(fitted, calibration.kernels.indexOf(fitted)),
  };
}

function unmeasuredNote(names: readonly string[]): string[] {
  if (names.length === 0) return [];
  const listed = names.map((name) => `"${name}"`).join(", ");
  const take = names.length === 1 ? "it takes its" : "they take their";
  return [`no measured kernel stands for ${listed}: ${take} roofline's time`];
}

function chosenFor({ kind, format }: OperationCall, calibration: Calibration, profile: ExecutionProfile) {
  for (const each of [kind, standInKinds[kind]]) {
    const chosen = each === undefined ? null : chooseKernel(calibration, each, format, profile.kernels[each] ?? []);
    if (chosen !== null) return chosen;
  }
  return null;
}

class FormKernels implements StepKernels {
  private readonly kernels: readonly (BoundKernel | null)[];
  private readonly machine: KernelMachine;
  private readonly launch: ExecutionProfile["launch"];
  private readonly constants: EngineConstants;
  private readonly layers: number;
  private readonly launches: number;
  private readonly interval: IntervalSum;
  private readonly say: (note: string) => void;

  constructor(
    plan: StepPlan,
    kernels: readonly (BoundKernel | null)[],
    machine: KernelMachine,
    profile: ExecutionProfile,
    transferDeviation: number,
    say: (note: string) => void,
  ) {
    this.kernels = kernels;
    this.machine = machine;
    this.launch = profile.launch;
    this.constants = profile.constants;
    // A step passes through all stages of a pipeline, and its operations are those of all of them.
    this.layers = plan.deviceModel.decoder.order.length;
    this.launches = kernels.reduce((sum, each) => sum + (each === null || each.fused ? 0 : each.instances), 0);
    this.interval = new IntervalSum(
      kernels.reduce((most, each) => Math.max(most, (each?.spread.family ?? -1) + 1), 0),
      transferDeviation,
    );
    this.say = say;
  }

  begin(): void {
    this.interval.clear();
  }

  time(tape: StepTape, i: number, into: Parameters<StepKernels["time"]>[2]): boolean {
    const kernel = this.kernels[i];
    if (kernel === null || kernel === undefined) return false;
    const { form, operation, instances, besideBytes } = kernel;
    const point = kernel.encoder ? tape.encoderPoint : tape.point;
    operation.at(point, tape.counts[i]!);
    form.time(kernel.parameters, operation.call, this.machine, into);
    if (besideBytes !== null) {
      const beside = besideBytes(point) / this.machine.bytesPerSecond;
      into.seconds += beside;
      into.memorySeconds += beside;
    }
    const one = into.seconds;
    const regime = kernelRegime(into);
    if (kernel.fused || this.launch === "ideal") {
      into.seconds -= into.startSeconds;
      into.startSeconds = 0;
    }
    into.seconds *= instances;
    into.startSeconds *= instances;
    into.memorySeconds *= instances;
    into.computeSeconds *= instances;
    into.linkSeconds *= instances;
    this.interval.add(kernel.spread, regime, one, into.seconds);
    return true;
  }

  finish(tape: StepTape, into: StepTime): void {
    const { stepSeconds, sequenceSeconds, layerSeconds, launchSeconds } = this.constants;
    let overhead = stepSeconds + sequenceSeconds * tape.point.sequences + layerSeconds * this.layers;
    if (this.launch === "eager") overhead += Math.max(0, this.launches * launchSeconds - into.seconds);
    into.seconds += overhead;
    into.secondsByBound.overhead += overhead;
    into.interval = this.interval.around(into.seconds);
    if (this.interval.extrapolates)
      this.say("some kernels are shorter or longer than any that was fitted: extrapolated");
  }
}
