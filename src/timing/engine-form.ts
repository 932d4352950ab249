/**
 * An engine's steps by a few constants, for machines on which no kernel was measured and only whole runs are known. A phase (a
 * prefill or a decode step) is the sum over its operations, of which each takes, beside t0 an instance
 * (r t0 where kernels are recorded) and its activations,
 *   matrix      knee(weights / (e B), FLOPs / (c P)); on vector units
 *               knee(weights / (e B), (weights × y + their number × u) / V), u where they take unpacking; where vector units do it
 *               for few rows, they load and widen the weights for many too, so that many rows take no less
 *   experts     knee(weights / (e B), FLOPs / (x P16))
 *   attention   knee(cache / (e B), FLOPs / (c P16)) on matrix units, knee(cache / (e B), FLOPs / (v V)) on vector units,
 *               and in a decode step ts for each sequence
 *   collective  tc an instance + bytes sent / (l L)
 * B read ceiling, P peak of the format multiplied in, P16 of 16 bits, V issue rate of vector units, L link in one direction.
 *   run         prefill + steps × (decode step + h × (devices of a pipeline − 1))
 * Shares of a ceiling are at most 1: what is left over is start-up, which no ceiling sets.
 */
import { emptyKernelTime, type FormParameter, type KernelForm, type KernelTime } from "./kernel-form.ts";
import { smoothKnee } from "./smooth-knee.ts";

export type OperationWork = "matrix" | "experts" | "attention" | "small" | "collective";

/** One operation of a phase, all its instances on one device together. Mutable, so that a step reuses one record. */
export interface EngineOperation {
  work: OperationWork;
  instances: number;
  weightBytes: number;
  cacheBytes: number;
  activationBytes: number;
  flops: number;
  /** FLOP/s of the matrix units in the format that it multiplies in. */
  peakFlopsPerSecond: number;
  /** Whether matrix units do it. */
  onMatrixUnits: boolean;
  /** Whether vector units load and widen its weights, whoever multiplies them. */
  onVectorUnits: boolean;
  /** Weights that vector units widen and multiply. */
  weights: number;
  linkBytes: number;
  /** Sequences that decode attention starts on one by one; 0 elsewhere. */
  sequences: number;
}

/** The machine of a run, and the format of its weights. */
export interface EngineMachine {
  readonly bytesPerSecond: number;
  /** Of matrix units in 16 bits. */
  readonly halfFlopsPerSecond: number;
  /** Of vector units: issue-rate.ts. */
  readonly issueFlopsPerSecond: number;
  readonly linkBytesPerSecond: number;
  /** Whether kernels are recorded once and replayed, several operations in one of them. */
  readonly records: boolean;
  /** Whether the weights' format takes unpacking before it is multiplied. */
  readonly unpacks: boolean;
}

/** A run, one decode step of it, or its prefill, on one machine. */
export interface EngineRunCall extends EngineMachine {
  /** Null where the figure is of decoding alone. */
  readonly prefill: readonly EngineOperation[] | null;
  /** Null where the figure is of the prefill alone. */
  readonly decode: readonly EngineOperation[] | null;
  /** Decode steps that the figure's time holds. */
  readonly steps: number;
  /** Devices that a step passes through one after the other. */
  readonly stages: number;
}

/** How far bytes and FLOPs of one kernel hinder each other where both take as long: smoothKnee's s. */
const overlap = 0.1;

/** Some hundred runs tell the constants by themselves: starts are no more than starts. */
const spread = 50;

function share(name: string, meaning: string, start: number, lowest = 0.02): FormParameter {
  return { name, meaning, unit: "share", lowest, highest: 1, starts: [start], spread };
}

function seconds(name: string, meaning: string, start: number, lowest: number, highest: number): FormParameter {
  return { name, meaning, unit: "s", lowest, highest, starts: [start], spread };
}

function cost(name: string, meaning: string, start: number): FormParameter {
  return { name, meaning, unit: "number", lowest: 0.1, highest: 200, starts: [start], spread };
}

export const engineForm: KernelForm<EngineRunCall> = {
  kind: "engine-run",
  parameters: [
    share("bandwidthEfficiency", "share of the read ceiling that weights and cache are read at", 0.8),
    share("activationEfficiency", "share of it that activations are read and written at", 0.6),
    share("computeEfficiency", "share of the matrix units' peak", 0.6),
    share("vectorEfficiency", "share of the issue rate that attention on vector units reaches", 0.2),
    share("expertEfficiency", "share of the 16-bit peak that experts' products reach", 0.4),
    seconds("startSeconds", "start-up of each operation", 4e-6, 1e-7, 1e-4),
    seconds("collectiveStartSeconds", "start-up of each collective", 1.5e-5, 1e-7, 1e-3),
    share("linkEfficiency", "share of the link's rate that collectives reach", 0.3, 0.01),
    seconds("sequenceSeconds", "decode attention's own start for each sequence of a layer", 3e-7, 1e-9, 1e-4),
    seconds("stageSeconds", "hand-over from one device of a pipeline to the next", 1e-4, 1e-7, 1e-2),
    cost("byteCost", "operations issued for a byte of weights: loading, widening, multiplying", 20),
    cost("unpackCost", "operations issued beside it for a weight of a format that takes unpacking", 5),
    share("recordedStartShare", "share of an operation's start-up that is left where kernels are recorded", 0.6),
  ],
  time(p, call, _machine, into) {
    let time = 0;
    if (call.prefill !== null) time += phaseSeconds(p, call, call.prefill);
    if (call.decode !== null) {
      time += call.steps * (phaseSeconds(p, call, call.decode) + p[9]! * (call.stages - 1));
    }
    into.seconds = time;
  },
};

const oneOperation = emptyKernelTime();

function phaseSeconds(p: ArrayLike<number>, machine: EngineMachine, operations: readonly EngineOperation[]): number {
  let sum = 0;
  for (const operation of operations) {
    engineOperationTime(p, operation, machine, oneOperation);
    sum += oneOperation.seconds;
  }
  return sum;
}

/** Fills `into` for one operation, all its instances together. */
export function engineOperationTime(
  p: ArrayLike<number>,
  operation: EngineOperation,
  machine: EngineMachine,
  into: KernelTime,
): void {
  if (operation.work === "collective") {
    into.startSeconds = operation.instances * p[6]!;
    into.linkSeconds = operation.linkBytes / (p[7]! * machine.linkBytesPerSecond);
    into.memorySeconds = into.computeSeconds = 0;
    into.seconds = into.startSeconds + into.linkSeconds;
    return;
  }
  const activations = operation.activationBytes / (p[1]! * machine.bytesPerSecond);
  const memory = (operation.weightBytes + operation.cacheBytes) / (p[0]! * machine.bytesPerSecond);
  const compute = operation.work === "small" ? 0 : computeSeconds(p, operation, machine);
  into.startSeconds = operation.instances * (p[5]! * (machine.records ? p[12]! : 1) + p[8]! * operation.sequences);
  into.memorySeconds = memory + activations;
  into.computeSeconds = compute;
  into.linkSeconds = 0;
  into.seconds = into.startSeconds + activations + smoothKnee(memory, compute, overlap);
}

function computeSeconds(p: ArrayLike<number>, operation: EngineOperation, machine: EngineMachine): number {
  const { work, flops, onMatrixUnits } = operation;
  if (work === "attention") {
    return flops / (onMatrixUnits ? p[2]! * machine.halfFlopsPerSecond : p[3]! * machine.issueFlopsPerSecond);
  }
  const issued =
    operation.onVectorUnits || !onMatrixUnits
      ? weightOperations(p, operation, machine.unpacks) / machine.issueFlopsPerSecond
      : 0;
  if (!onMatrixUnits) return issued;
  const rate = work === "experts" ? p[4]! * machine.halfFlopsPerSecond : p[2]! * operation.peakFlopsPerSecond;
  return Math.max(issued, flops / rate);
}

function weightOperations(p: ArrayLike<number>, operation: EngineOperation, unpacks: boolean): number {
  return operation.weightBytes * p[10]! + (unpacks ? operation.weights * p[11]! : 0);
}
